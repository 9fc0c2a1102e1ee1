// Dense decode: mean + basis * coefficients, camera and ROI in one pass over a packed basis; see render-native/rust/decode.rs.
#pragma once

#include "simd.h"

// Vertices a block; its 24 coordinates are six registers.
const int32_t BLOCK = 8;
const int32_t PLANES = 3 * BLOCK;

// In 16 bits with a scale for each component (error below 0.005 px on a 300 px face), in blocks of 8 vertices whose components
// follow one another: a block's sums stay in registers and memory is read once, in order.
struct PackedModel {
  int32_t vertices, components;
  // [block][x y z][8]
  float *mean;
  // [block][component][x y z][8]
  int16_t *basis;
  // Of each component: stored number to model unit.
  float *scale;

  int32_t blocks() const { return (vertices + BLOCK - 1) / BLOCK; }
  double bytes() const { return (double)blocks() * PLANES * (sizeof(float) + sizeof(int16_t) * (double)components); }
};

INLINE void pack_mean(PackedModel &model, const float *mean) {
  for (int32_t i = 0; i < 3 * model.vertices; i++)
    model.mean[i / 3 / BLOCK * PLANES + i % 3 * BLOCK + i / 3 % BLOCK] = mean[i];
}

INLINE void pack_component(PackedModel &model, int32_t k, const float *component) {
  // A component of zeros needs a scale that divides.
  float largest = 1.17549435e-38f;
  for (int32_t i = 0; i < 3 * model.vertices; i++) largest = fmaxf(largest, fabsf(component[i]));
  model.scale[k] = largest / 32767.0f;
  for (int32_t i = 0; i < 3 * model.vertices; i++) {
    int32_t block = i / 3 / BLOCK, place = i % 3 * BLOCK + i / 3 % BLOCK;
    model.basis[(block * model.components + k) * PLANES + place] = (int16_t)lrintf(component[i] / model.scale[k]);
  }
}

// Four stored numbers.
INLINE f4 load_numbers(const int16_t *from) {
#ifdef __wasm_simd128__
  v128_t numbers = wasm_i32x4_load16x4(from);
  // Hides where they come from: the compiler would load and convert them one by one.
  __asm__("" : "+r"(numbers));
  return to_float((i4)numbers);
#else
  return f4{(float)from[0], (float)from[1], (float)from[2], (float)from[3]};
#endif
}

// `coefficients` times the components' scales; `m`: 3x4 row-major. `out` has room for whole blocks and one number more.
INLINE void decode_all(const PackedModel &model, const float *coefficients, const float *m, float *out) {
  float lowest = INFINITY;
  const int16_t *basis = model.basis;
  for (int32_t block = 0; block < model.blocks(); block++) {
    const float *mean = model.mean + block * PLANES;
    f4 x0 = load<f4>(mean), x1 = load<f4>(mean + 4), y0 = load<f4>(mean + 8);
    f4 y1 = load<f4>(mean + 12), z0 = load<f4>(mean + 16), z1 = load<f4>(mean + 20);
    for (int32_t k = 0; k < model.components; k++, basis += PLANES) {
      f4 coefficient = splat(coefficients[k]);
      x0 += load_numbers(basis) * coefficient, x1 += load_numbers(basis + 4) * coefficient;
      y0 += load_numbers(basis + 8) * coefficient, y1 += load_numbers(basis + 12) * coefficient;
      z0 += load_numbers(basis + 16) * coefficient, z1 += load_numbers(basis + 20) * coefficient;
    }
    for (int half = 0; half < 2; half++) {
      f4 x = half ? x1 : x0, y = half ? y1 : y0, z = half ? z1 : z0, row[4];
      for (int r = 0; r < 3; r++)
        row[r] = splat(m[4 * r]) * x + splat(m[4 * r + 1]) * y + splat(m[4 * r + 2]) * z + splat(m[4 * r + 3]);
      row[3] = splat(0.0f);
      int32_t first = block * BLOCK + 4 * half;
      for (int lane = 0; lane < 4 && first + lane < model.vertices; lane++) lowest = row[2][lane] < lowest ? row[2][lane] : lowest;
      transpose(row[0], row[1], row[2], row[3]);
      for (int lane = 0; lane < 4; lane++) store(out + 3 * (first + lane), row[lane]);
    }
  }
  for (int32_t i = 0; i < model.vertices; i++) out[3 * i + 2] -= lowest;
}
