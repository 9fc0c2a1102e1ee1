// Integer rasteriser with the top-left rule; twin of reference/rasterize.ts and triangle.ts.
#pragma once

#include "points.h"

struct Target {
  int32_t x, y, width, height;
  float *depth;
  int32_t *ids;

  inline __attribute__((always_inline)) void put(int32_t pixel, float value, int32_t id) {
    if (value > depth[pixel] || (value == depth[pixel] && id < ids[pixel])) {
      depth[pixel] = value;
      ids[pixel] = id;
    }
  }
};

// An edge function walked over pixel centres, positive inside whatever the winding. T: whole numbers wide enough for it.
template <typename T>
struct Walker {
  T row, step_x, step_y, bias;

  Walker(const Point &p, const Point &q, int32_t x, int32_t y, int32_t sign) {
    T dx = sign * ((T)q.x - p.x), dy = sign * ((T)q.y - p.y);
    row = dx * ((T)y - p.y) - dy * ((T)x - p.x);
    step_x = -dy * SUBPIXEL;
    step_y = dx * SUBPIXEL;
    // Top and left edges own their pixels.
    bias = dy < 0 || (dy == 0 && dx > 0) ? 0 : 1;
  }
};

template <typename T>
static void fill(Target &target, const Point &a, const Point &b, const Point &c, int32_t x1, int32_t x2, int32_t y1, int32_t y2,
                 int32_t id) {
  T area = ((T)b.x - a.x) * ((T)c.y - a.y) - ((T)b.y - a.y) * ((T)c.x - a.x);
  if (area == 0) return;
  int32_t sign = area < 0 ? -1 : 1;
  Walker<T> bc(b, c, x1 * SUBPIXEL, y1 * SUBPIXEL, sign);
  Walker<T> ca(c, a, x1 * SUBPIXEL, y1 * SUBPIXEL, sign);
  Walker<T> ab(a, b, x1 * SUBPIXEL, y1 * SUBPIXEL, sign);
  float dz1 = b.z - a.z, dz2 = c.z - a.z, inverse = 1.0f / (float)(sign * area);
  for (int32_t y = y1; y <= y2; y++) {
    T e0 = bc.row, e1 = ca.row, e2 = ab.row;
    int32_t pixel = (y - target.y) * target.width + (x1 - target.x);
    for (int32_t x = x1; x <= x2; x++, pixel++) {
      // One test for all three signs.
      if (((e0 - bc.bias) | (e1 - ca.bias) | (e2 - ab.bias)) >= 0)
        target.put(pixel, a.z + dz1 * ((float)e1 * inverse) + dz2 * ((float)e2 * inverse), id);
      e0 += bc.step_x;
      e1 += ca.step_x;
      e2 += ab.step_x;
    }
    bc.row += bc.step_y;
    ca.row += ca.step_y;
    ab.row += ab.step_y;
  }
}

INLINE int32_t least(int32_t a, int32_t b, int32_t c) { return a < b ? (a < c ? a : c) : (b < c ? b : c); }
INLINE int32_t most(int32_t a, int32_t b, int32_t c) { return a > b ? (a > c ? a : c) : (b > c ? b : c); }

static __attribute__((noinline)) void draw_one(Target &target, const Point &a, const Point &b, const Point &c, int32_t id) {
  int32_t min_x = least(a.x, b.x, c.x), max_x = most(a.x, b.x, c.x);
  int32_t min_y = least(a.y, b.y, c.y), max_y = most(a.y, b.y, c.y);
  if (min_x == NOWHERE) return;
  int32_t x1 = (min_x + SUBPIXEL - 1) >> 4, x2 = max_x >> 4, y1 = (min_y + SUBPIXEL - 1) >> 4, y2 = max_y >> 4;
  x1 = x1 > target.x ? x1 : target.x;
  y1 = y1 > target.y ? y1 : target.y;
  x2 = x2 < target.x + target.width - 1 ? x2 : target.x + target.width - 1;
  y2 = y2 < target.y + target.height - 1 ? y2 : target.y + target.height - 1;
  if (x1 > x2 || y1 > y2) return;
  if (max_x - min_x < SMALL && max_y - min_y < SMALL)
    fill<int32_t>(target, a, b, c, x1, x2, y1, y2, id);
  else
    fill<int64_t>(target, a, b, c, x1, x2, y1, y2, id);
}

// An edge function of four small triangles; see Walker.
struct Edge {
  i4 row, step_x, step_y, bias;
};

INLINE Edge edge(i4 px, i4 py, i4 qx, i4 qy, i4 x, i4 y, i4 sign, i4 nothing) {
  i4 dx = ((qx - px) ^ sign) - sign, dy = ((qy - py) ^ sign) - sign;
  i4 owned = (dy < 0) | ((dy == 0) & (dx > 0));
  // Without area no edge value is positive, and nothing is drawn.
  return {dx * (y - py) - dy * (x - px), -dy * SUBPIXEL, dx * SUBPIXEL, 1 + (owned & ~nothing)};
}

INLINE int32_t largest_lane(i4 value) {
  value = max(value, __builtin_shufflevector(value, value, 2, 3, 0, 1));
  value = max(value, __builtin_shufflevector(value, value, 1, 0, 3, 2));
  return value[0];
}

// Columns and rows of pixel centres, less one, that a box may have to be drawn with three others.
const int32_t LARGEST_BOX = 7;

// Draws four triangles at once: one by one, small ones cost mostly branches that no processor foretells. The operations on
// each pixel are those of `fill`, so the bits are the same. Gives a bit for each triangle that was left out.
INLINE uint32_t draw_four(Target &target, const uint32_t *triangles, const Point *points, int32_t id) {
  i4 corner[3][4];
  for (int k = 0; k < 3; k++) {
    for (int t = 0; t < 4; t++) corner[k][t] = load<i4>(points + triangles[3 * t + k]);
    transpose(corner[k][0], corner[k][1], corner[k][2], corner[k][3]);
  }
  i4 ax = corner[0][0], ay = corner[0][1], bx = corner[1][0], by = corner[1][1], cx = corner[2][0], cy = corner[2][1];
  i4 min_x = min(min(ax, bx), cx), max_x = max(max(ax, bx), cx);
  i4 min_y = min(min(ay, by), cy), max_y = max(max(ay, by), cy);
  i4 x1 = (min_x + (SUBPIXEL - 1)) >> 4, x2 = max_x >> 4, y1 = (min_y + (SUBPIXEL - 1)) >> 4, y2 = max_y >> 4;
  i4 wide = x2 - x1, high = y2 - y1;
  i4 empty = (min_x == NOWHERE) | (x1 > x2) | (y1 > y2);
  i4 narrow = (max_x - min_x < SMALL) & (max_y - min_y < SMALL);
  i4 within = (x1 >= target.x) & (x2 < target.x + target.width) & (y1 >= target.y) & (y2 < target.y + target.height);
  i4 here = ~empty & narrow & within & (wide <= LARGEST_BOX) & (high <= LARGEST_BOX);
  uint32_t others = negatives(~(empty | here));
  if (negatives(here) == 0) return others;
  // Lanes that draw nothing here become a point, whose numbers are small.
  ax &= here, ay &= here, bx &= here, by &= here, cx &= here, cy &= here, x1 &= here, y1 &= here;
  i4 area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  i4 sign = area < 0, nothing = area == 0;
  i4 x = x1 * SUBPIXEL, y = y1 * SUBPIXEL;
  Edge bc = edge(bx, by, cx, cy, x, y, sign, nothing);
  Edge ca = edge(cx, cy, ax, ay, x, y, sign, nothing);
  Edge ab = edge(ax, ay, bx, by, x, y, sign, nothing);
  f4 inverse = splat(1.0f) / to_float((area ^ sign) - sign);
  f4 z0 = (f4)corner[0][2], dz1 = (f4)corner[1][2] - z0, dz2 = (f4)corner[2][2] - z0;
  i4 start = (y1 - target.y) * target.width + (x1 - target.x);
  int32_t columns = largest_lane((wide + 1) & here), rows = largest_lane((high + 1) & here);
  for (int32_t dy = 0; dy < rows; dy++) {
    i4 e0 = bc.row, e1 = ca.row, e2 = ab.row;
    for (int32_t dx = 0; dx < columns; dx++) {
      uint32_t covered = negatives((e0 - bc.bias) | (e1 - ca.bias) | (e2 - ab.bias)) ^ 15;
      if (covered) {
        f4 depth = z0 + dz1 * (to_float(e1) * inverse) + dz2 * (to_float(e2) * inverse);
        i4 pixel = start + (dy * target.width + dx);
        if (covered & 1) target.put(pixel[0], depth[0], id);
        if (covered & 2) target.put(pixel[1], depth[1], id + 1);
        if (covered & 4) target.put(pixel[2], depth[2], id + 2);
        if (covered & 8) target.put(pixel[3], depth[3], id + 3);
      }
      e0 += bc.step_x, e1 += ca.step_x, e2 += ab.step_x;
    }
    bc.row += bc.step_y, ca.row += ca.step_y, ab.row += ab.step_y;
  }
  return others;
}

INLINE void draw_all(Target &target, const uint32_t *triangles, int32_t count, const Point *points, int32_t first_id) {
  auto single = [&](int32_t t) {
    const uint32_t *v = triangles + 3 * t;
    draw_one(target, points[v[0]], points[v[1]], points[v[2]], first_id + t);
  };
  int32_t t = 0;
  for (; t + 4 <= count; t += 4)
    for (uint32_t left = draw_four(target, triangles + 3 * t, points, first_id + t); left; left &= left - 1)
      single(t + __builtin_ctz(left));
  for (; t < count; t++) single(t);
}
