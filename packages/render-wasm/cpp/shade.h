// Colours of visible pixels; twin of `shade` in reference/rasterize.ts.
#pragma once

#include "points.h"

// Barycentric weights of the second and third corner at a pixel centre (in subpixels); false without area.
template <typename T>
INLINE bool weights(const Point &a, const Point &b, const Point &c, int32_t x, int32_t y, float &w1, float &w2) {
  T ax = (T)a.x - x, ay = (T)a.y - y, bx = (T)b.x - x, by = (T)b.y - y, cx = (T)c.x - x, cy = (T)c.y - y;
  T area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  if (area == 0) return false;
  // Both signs are turned by a clockwise triangle, so their quotient needs no turning.
  float inverse = 1.0f / (float)area;
  w1 = (float)(cx * ay - cy * ax) * inverse;
  w2 = (float)(ax * by - ay * bx) * inverse;
  return true;
}

INLINE uint32_t reach(const Point &p, int32_t x, int32_t y) {
  int32_t dx = p.x - x, dy = p.y - y;
  return (uint32_t)(dx < 0 ? -dx : dx) | (uint32_t)(dy < 0 ? -dy : dy);
}

INLINE bool weigh(const Point &a, const Point &b, const Point &c, int32_t x, int32_t y, float &w1, float &w2) {
  if (a.x == NOWHERE || b.x == NOWHERE || c.x == NOWHERE) return false;
  // Corners near the pixel, as those of what was rasterised there mostly are.
  if ((reach(a, x, y) | reach(b, x, y) | reach(c, x, y)) < (uint32_t)SMALL / 2) return weights<int32_t>(a, b, c, x, y, w1, w2);
  return weights<int64_t>(a, b, c, x, y, w1, w2);
}

struct Surface {
  const uint32_t *triangles;
  uint32_t count;
  const Point *points;
  // Three for each vertex; one number beyond the last is read.
  const float *colors;
  float opacity;
};

// `picture`: the part of a picture under `ids`, width x height at (x, y); four bytes beyond it are read.
INLINE void paint(const Surface &surface, const int32_t *ids, int32_t id_stride, uint8_t *picture, int32_t channels, int32_t x,
                  int32_t y, int32_t width, int32_t height, int32_t first_id) {
  const f4 zero = splat(0.0f), one = splat(1.0f);
  for (int32_t row = 0; row < height; row++) {
    for (int32_t column = 0; column < width; column++, picture += channels) {
      uint32_t t = (uint32_t)(ids[row * id_stride + column] - first_id);
      // An id below `first_id` wraps around to a large number.
      if (t >= surface.count) continue;
      const uint32_t *corner = surface.triangles + 3 * t;
      float w1, w2;
      if (!weigh(surface.points[corner[0]], surface.points[corner[1]], surface.points[corner[2]], (x + column) * SUBPIXEL,
                 (y + row) * SUBPIXEL, w1, w2))
        continue;
      f4 c0 = load<f4>(surface.colors + 3 * corner[0]);
      f4 c1 = load<f4>(surface.colors + 3 * corner[1]), c2 = load<f4>(surface.colors + 3 * corner[2]);
      f4 color = c0 + (c1 - c0) * splat(w1) + (c2 - c0) * splat(w2);
      // NaN is black.
      color = select(color > zero, color, zero);
      f4 value = select(color < one, color, one) * splat(255.0f);
      if (surface.opacity != 1.0f) {
        f4 under = to_float(i4{picture[0], picture[1], picture[2], 0});
        value = under + (value - under) * splat(surface.opacity);
      }
      // Never negative, so truncation is rounding half up.
      i4 bytes = truncate(value + splat(0.5f));
      picture[0] = (uint8_t)bytes[0];
      picture[1] = (uint8_t)bytes[1];
      picture[2] = (uint8_t)bytes[2];
      if (channels == 4) picture[3] = 255;
    }
  }
}
