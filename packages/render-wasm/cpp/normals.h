// Area-weighted vertex normals; twin of `vertexNormals` in reference/lighting.ts, operation by operation.
#pragma once

#include "simd.h"

INLINE f4 cross(f4 u, f4 w) {
  f4 u1 = __builtin_shufflevector(u, u, 1, 2, 0, 3), w1 = __builtin_shufflevector(w, w, 1, 2, 0, 3);
  f4 u2 = __builtin_shufflevector(u, u, 2, 0, 1, 3), w2 = __builtin_shufflevector(w, w, 2, 0, 1, 3);
  return u1 * w2 - u2 * w1;
}

// `sums`: a register for each vertex. One number beyond the last vertex is read, one beyond the last normal written.
INLINE void accumulate_normals(const float *vertices, int32_t vertex_count, const uint32_t *triangles, int32_t triangle_count,
                               f4 *sums, float *normals) {
  memset(sums, 0, sizeof(f4) * vertex_count);
  for (int32_t t = 0; t < triangle_count; t++, triangles += 3) {
    f4 a = load<f4>(vertices + 3 * triangles[0]);
    f4 normal = cross(load<f4>(vertices + 3 * triangles[1]) - a, load<f4>(vertices + 3 * triangles[2]) - a);
    sums[triangles[0]] += normal;
    sums[triangles[1]] += normal;
    sums[triangles[2]] += normal;
  }
  for (int32_t i = 0; i < vertex_count; i++) {
    float x = sums[i][0], y = sums[i][1], z = sums[i][2];
    float length = sqrtf(x * x + y * y + z * z);
    store(normals + 3 * i, length > 0 ? sums[i] / splat(length) : splat(0.0f));
  }
}
