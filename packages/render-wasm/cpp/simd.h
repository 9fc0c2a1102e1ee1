// Four numbers at a time. With -msimd128 each is one register; without it the compiler takes them apart: same operations, same
// bits. Nothing is fused (-ffp-contract=off) and nothing is relaxed.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

typedef float f4 __attribute__((vector_size(16)));
typedef int32_t i4 __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline))

INLINE f4 splat(float value) { return f4{value, value, value, value}; }
INLINE i4 splat(int32_t value) { return i4{value, value, value, value}; }

// From any address.
template <typename V>
INLINE V load(const void *from) {
  V value;
  memcpy(&value, from, sizeof value);
  return value;
}

template <typename V>
INLINE void store(void *to, V value) {
  memcpy(to, &value, sizeof value);
}

INLINE f4 to_float(i4 value) { return __builtin_convertvector(value, f4); }

// mask is 0 or -1 in each lane.
INLINE i4 select(i4 mask, i4 yes, i4 no) { return (mask & yes) | (~mask & no); }
INLINE f4 select(i4 mask, f4 yes, f4 no) { return (f4)select(mask, (i4)yes, (i4)no); }

INLINE i4 min(i4 a, i4 b) { return select(a < b, a, b); }
INLINE i4 max(i4 a, i4 b) { return select(a > b, a, b); }

// A bit for each negative lane.
INLINE uint32_t negatives(i4 value) {
#ifdef __wasm_simd128__
  return wasm_i32x4_bitmask((v128_t)value);
#else
  uint32_t bits = 0;
  for (int lane = 0; lane < 4; lane++) bits |= (uint32_t)(value[lane] < 0) << lane;
  return bits;
#endif
}

INLINE f4 floor4(f4 value) {
#ifdef __wasm_simd128__
  return (f4)wasm_f32x4_floor((v128_t)value);
#else
  for (int lane = 0; lane < 4; lane++) value[lane] = floorf(value[lane]);
  return value;
#endif
}

INLINE f4 sqrt4(f4 value) {
#ifdef __wasm_simd128__
  return (f4)wasm_f32x4_sqrt((v128_t)value);
#else
  for (int lane = 0; lane < 4; lane++) value[lane] = sqrtf(value[lane]);
  return value;
#endif
}

// Towards zero; what is no number gives 0. The values must fit.
INLINE i4 truncate(f4 value) {
#ifdef __wasm_simd128__
  return (i4)wasm_i32x4_trunc_sat_f32x4((v128_t)value);
#else
  i4 result;
  for (int lane = 0; lane < 4; lane++) result[lane] = value[lane] == value[lane] ? (int32_t)value[lane] : 0;
  return result;
#endif
}

// Four rows as four columns.
template <typename V>
INLINE void transpose(V &a, V &b, V &c, V &d) {
  V ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  V cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}
