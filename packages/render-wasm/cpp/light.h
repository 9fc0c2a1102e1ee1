// Phong light on vertices; twin of `light` in reference/lighting.ts, operation by operation.
#pragma once

#include "simd.h"

struct Lamp {
  float ambient, directional, specular, position[3];
};

// x, y, z from 0 by one common factor to at most 2, then each axis centred.
struct UnitFrame {
  float min[3], scale, half[3];

  inline __attribute__((always_inline)) UnitFrame(const float *vertices, int32_t count) {
    const f4 infinity = splat(INFINITY);
    f4 low = infinity, high = -infinity;
    for (int32_t i = 0; i < count; i++) {
      f4 value = load<f4>(vertices + 3 * i);
      // Coordinates that are not finite do not count.
      low = select((value < low) & (value > -infinity), value, low);
      high = select((value > high) & (value < infinity), value, high);
    }
    float largest = -INFINITY;
    for (int axis = 0; axis < 3; axis++) {
      min[axis] = low[axis];
      half[axis] = high[axis] - low[axis];
      largest = half[axis] > largest ? half[axis] : largest;
    }
    scale = 2.0f / largest;
    for (int axis = 0; axis < 3; axis++) half[axis] = half[axis] * scale * 0.5f;
  }

  inline __attribute__((always_inline)) f4 place(f4 value, int axis) const {
    return (value - splat(min[axis])) * splat(scale) - splat(half[axis]);
  }
};

// Within 0 and 1; NaN stays, and -0 becomes 0 as in JavaScript.
INLINE f4 unit(f4 value) {
  value = select(value <= splat(0.0f), splat(0.0f), value);
  return select(value > splat(1.0f), splat(1.0f), value);
}

INLINE f4 dot(f4 ax, f4 ay, f4 az, f4 bx, f4 by, f4 bz) { return ax * bx + ay * by + az * bz; }

INLINE f4 shine(const UnitFrame &frame, const Lamp &lamp, f4 vx, f4 vy, f4 vz, f4 nx, f4 ny, f4 nz) {
  const f4 zero = splat(0.0f);
  // From vertex to light, which is also from vertex to viewer.
  f4 x = splat(lamp.position[0]) - frame.place(vx, 0);
  f4 y = splat(lamp.position[1]) - frame.place(vy, 1);
  f4 z = splat(lamp.position[2]) - frame.place(vz, 2);
  f4 length = sqrt4(dot(x, y, z, x, y, z));
  i4 lit = length > zero;
  f4 dx = select(lit, x / length, zero), dy = select(lit, y / length, zero), dz = select(lit, z / length, zero);
  f4 cos = dot(nx, ny, nz, dx, dy, dz);
  // The mirrored direction r = 2 cos n - d; with light and viewer in one place, v . r is d . r.
  f4 twice = splat(2.0f) * cos;
  f4 shine = unit(dot(dx, dy, dz, twice * nx - dx, twice * ny - dy, twice * nz - dz));
  f4 power5 = (shine * shine) * (shine * shine) * shine;
  f4 value = splat(lamp.ambient) + splat(lamp.directional) * unit(cos);
  value = value + splat(lamp.specular) * power5;
  return unit(select(cos > zero, value, splat(lamp.ambient)));
}

// One number beyond the last vertex and normal is read. `count` grey colours, three times each.
INLINE void shine_all(const float *vertices, const float *normals, int32_t count, const Lamp &lamp, float *colors) {
  const UnitFrame frame(vertices, count);
  for (int32_t i = 0; i < count; i += 4) {
    f4 v[4], n[4];
    for (int lane = 0; lane < 4; lane++) {
      int32_t vertex = i + lane < count ? i + lane : i;
      v[lane] = load<f4>(vertices + 3 * vertex);
      n[lane] = load<f4>(normals + 3 * vertex);
    }
    transpose(v[0], v[1], v[2], v[3]);
    transpose(n[0], n[1], n[2], n[3]);
    f4 grey = shine(frame, lamp, v[0], v[1], v[2], n[0], n[1], n[2]);
    for (int lane = 0; lane < 4 && i + lane < count; lane++)
      colors[3 * (i + lane)] = colors[3 * (i + lane) + 1] = colors[3 * (i + lane) + 2] = grey[lane];
  }
}
