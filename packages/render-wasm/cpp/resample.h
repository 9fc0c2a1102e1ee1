// Crop, zero padding and bilinear resize as OpenCV's INTER_LINEAR on 8 bits; twin of reference/resample.ts.
#pragma once

#include "simd.h"

const int32_t ONE = 2048;

struct Picture {
  const uint8_t *data;
  int32_t width, height, channels;
};

struct Tap {
  int32_t first, weight0, weight1;
};

INLINE void make_taps(int32_t source, int32_t target, Tap *taps) {
  double scale = 1.0 / ((double)target / (double)source);
  for (int32_t i = 0; i < target; i++) {
    float at = (float)((i + 0.5) * scale - 0.5);
    float first = floorf(at), fraction = at - first;
    taps[i] = {(int32_t)first, (int32_t)lrintf((1.0f - fraction) * ONE), (int32_t)lrintf(fraction * ONE)};
  }
}

INLINE int32_t clamp(int32_t value, int32_t low, int32_t high) { return value < low ? low : value > high ? high : value; }

// Of an output column: byte offsets of its two pixels in a row, with weight 0 where there is none.
struct ColumnTap {
  int32_t left, right;
  // Of the left pixel in the lower half, of the right one in the upper.
  uint32_t weights;
};

INLINE void make_column_taps(const Picture &source, int32_t x1, int32_t columns, int32_t target, const Tap *taps,
                             ColumnTap *out) {
  auto locate = [&](int32_t x, int32_t &offset, int32_t &weight) {
    bool inside = x1 + x >= 0 && x1 + x < source.width;
    offset = inside ? (x1 + x) * source.channels : 0;
    if (!inside) weight = 0;
  };
  for (int32_t i = 0; i < target; i++) {
    // Past the region's own border the nearest column counts whole.
    bool outside = taps[i].first < 0 || taps[i].first >= columns - 1;
    int32_t first = clamp(taps[i].first, 0, columns - 1), second = first + 1 < columns ? first + 1 : columns - 1;
    int32_t weight0 = outside ? ONE : taps[i].weight0, weight1 = outside ? 0 : taps[i].weight1;
    locate(first, out[i].left, weight0);
    locate(second, out[i].right, weight1);
    out[i].weights = (uint32_t)weight0 | (uint32_t)weight1 << 16;
  }
}

// One source row with 11 - 4 bits of fraction. Eight bytes behind the row and four numbers behind the result are touched.
INLINE void resize_row(const Picture &source, int32_t y, const ColumnTap *taps, int32_t count, int16_t *out) {
  if (y < 0 || y >= source.height) {
    memset(out, 0, sizeof(int16_t) * 3 * count);
    return;
  }
  const uint8_t *row = source.data + (size_t)y * source.width * source.channels;
  for (int32_t i = 0; i < count; i++, out += 3) {
    const uint8_t *left = row + taps[i].left, *right = row + taps[i].right;
#ifdef __wasm_simd128__
    // Byte k of the left pixel beside byte k of the right one; each pair meets its weights in one instruction.
    v128_t both = wasm_u16x8_extend_low_u8x16(wasm_i8x16_shuffle(wasm_v128_load32_zero(left), wasm_v128_load32_zero(right), 0, 16, 1,
                                                                 17, 2, 18, 3, 19, 0, 0, 0, 0, 0, 0, 0, 0));
    v128_t sums = wasm_i32x4_shr(wasm_i32x4_dot_i16x8(both, wasm_i32x4_splat(taps[i].weights)), 4);
    wasm_v128_store64_lane(out, wasm_i16x8_narrow_i32x4(sums, sums), 0);
#else
    int32_t weight0 = taps[i].weights & 0xffff, weight1 = taps[i].weights >> 16;
    for (int k = 0; k < 3; k++) out[k] = (int16_t)((left[k] * weight0 + right[k] * weight1) >> 4);
#endif
  }
}

INLINE void blend(const int16_t *upper, const int16_t *lower, int32_t weight0, int32_t weight1, int32_t count, uint8_t *out) {
  int32_t i = 0;
#ifdef __wasm_simd128__
  const v128_t w0 = wasm_i16x8_splat((int16_t)weight0), w1 = wasm_i16x8_splat((int16_t)weight1), two = wasm_i16x8_splat(2);
  // The upper halves of the products.
  auto weigh = [](v128_t numbers, v128_t weight) {
    v128_t low = wasm_i32x4_extmul_low_i16x8(numbers, weight), high = wasm_i32x4_extmul_high_i16x8(numbers, weight);
    return wasm_i16x8_shuffle(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
  };
  for (; i + 8 <= count; i += 8) {
    v128_t a = weigh(wasm_v128_load(upper + i), w0), b = weigh(wasm_v128_load(lower + i), w1);
    v128_t sum = wasm_i16x8_shr(wasm_i16x8_add(wasm_i16x8_add(a, b), two), 2);
    wasm_v128_store64_lane(out + i, wasm_u8x16_narrow_i16x8(sum, sum), 0);
  }
#endif
  for (; i < count; i++) {
    int32_t a = (upper[i] * weight0) >> 16, b = (lower[i] * weight1) >> 16;
    out[i] = (uint8_t)((a + b + 2) >> 2);
  }
}

// Memory that a resize needs, in bytes.
INLINE double resample_scratch(int32_t width, int32_t height) {
  return (sizeof(Tap) + sizeof(ColumnTap) + 12) * (double)width + sizeof(Tap) * (double)height + 32;
}

// The region x1 y1 x2 y2, which may reach past the picture, to width x height RGB.
INLINE void resize(const Picture &source, int32_t x1, int32_t y1, int32_t x2, int32_t y2, uint8_t *out, int32_t width,
                   int32_t height, void *scratch) {
  int32_t columns = x2 - x1, rows = y2 - y1;
  ColumnTap *across = (ColumnTap *)scratch;
  Tap *taps = (Tap *)(across + width), *down = taps + width;
  int16_t *lines[2] = {(int16_t *)(down + height), (int16_t *)(down + height) + 3 * width + 4};
  int32_t kept[2] = {-1, -1};
  make_taps(columns, width, taps);
  make_column_taps(source, x1, columns, width, taps, across);
  make_taps(rows, height, down);
  for (int32_t i = 0; i < height; i++, out += 3 * width) {
    int32_t upper = clamp(down[i].first, 0, rows - 1), lower = clamp(down[i].first + 1, 0, rows - 1);
    for (int32_t row = upper; row <= lower; row++)
      if (kept[row & 1] != row) resize_row(source, y1 + row, across, width, lines[(kept[row & 1] = row) & 1]);
    blend(lines[upper & 1], lines[lower & 1], down[i].weight0, down[i].weight1, 3 * width, out);
  }
}
