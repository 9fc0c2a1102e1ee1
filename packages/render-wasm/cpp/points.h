// Vertices in 28.4 fixed point.
#pragma once

#include "simd.h"

const int32_t SUBPIXEL = 16;
const float MAX_COORDINATE = 1048576.0f;
// Up to this extent in subpixels products of two differences and their sums fit 32 bits.
const int32_t SMALL = 1 << 14;

// One register: x and y in subpixels, z as it is. `x` is NOWHERE where the vertex draws nothing.
struct Point {
  int32_t x, y;
  float z;
  uint32_t unused;
};

const int32_t NOWHERE = INT32_MIN;

// floor(16 c + 0.5) for |c| up to 2^20 without rounding: the product, its floor and their difference are exact.
INLINE i4 fixed(f4 c) {
  const f4 far = splat(MAX_COORDINATE * 32.0f);
  f4 scaled = c * splat((float)SUBPIXEL);
  scaled = select(scaled < far, scaled, far);
  scaled = select(scaled > -far, scaled, -far);
  f4 floor = floor4(scaled);
  // The comparison gives -1 where it holds.
  return truncate(floor) - (scaled - floor >= splat(0.5f));
}

// Reads one number beyond the last vertex.
INLINE void snap(const float *vertices, int32_t count, Point *points) {
  const f4 limit = {MAX_COORDINATE, MAX_COORDINATE, 3.40282347e38f, INFINITY};
  const i4 sign = splat((int32_t)0x7fffffff);
  for (int32_t i = 0; i < count; i++) {
    f4 vertex = load<f4>(vertices + 3 * i);
    i4 whole = fixed(vertex);
    // False for NaN as well.
    uint32_t sound = negatives((f4)((i4)vertex & sign) <= limit) & 7;
    i4 point = __builtin_shufflevector(whole, (i4)vertex, 0, 1, 6, 7);
    if (sound != 7) point[0] = NOWHERE;
    store(points + i, point);
  }
}
