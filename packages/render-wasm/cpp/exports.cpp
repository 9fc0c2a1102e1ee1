// The C surface: JavaScript has checked lengths and indices and gives addresses with 16 bytes of room behind each array.
#include <stdlib.h>

#include "decode.h"
#include "light.h"
#include "normals.h"
#include "raster.h"
#include "resample.h"
#include "shade.h"

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

// 0 when memory cannot grow.
EXPORT(allocate) void *allocate(size_t bytes) { return aligned_alloc(16, (bytes + 31) & ~(size_t)15); }

EXPORT(release) void release(void *memory) { free(memory); }

EXPORT(largest) uint32_t largest(const uint32_t *indices, int32_t count) {
  uint32_t result = 0;
  for (int32_t i = 0; i < count; i++) result = indices[i] > result ? indices[i] : result;
  return result;
}

// Bytes of scratch memory that a kernel is to be given. As doubles, which do not wrap around: who allocates sees what is too much.
EXPORT(points_size) double points_size(int32_t vertices) { return sizeof(Point) * (double)vertices; }

EXPORT(rasterize)
void rasterize(const float *vertices, int32_t vertex_count, const uint32_t *triangles, int32_t triangle_count, Point *points,
               int32_t x, int32_t y, int32_t width, int32_t height, float *depth, int32_t *ids, int32_t first_id) {
  snap(vertices, vertex_count, points);
  Target target = {x, y, width, height, depth, ids};
  draw_all(target, triangles, triangle_count, points, first_id);
}

EXPORT(shade)
void shade(const float *vertices, int32_t vertex_count, const uint32_t *triangles, int32_t triangle_count, Point *points,
           const float *colors, const int32_t *ids, int32_t id_stride, uint8_t *picture, int32_t channels, int32_t x, int32_t y,
           int32_t width, int32_t height, float opacity, int32_t first_id) {
  snap(vertices, vertex_count, points);
  Surface surface = {triangles, (uint32_t)triangle_count, points, colors, opacity};
  paint(surface, ids, id_stride, picture, channels, x, y, width, height, first_id);
}

EXPORT(normals)
void normals(const float *vertices, int32_t vertex_count, const uint32_t *triangles, int32_t triangle_count, void *sums,
             float *out) {
  accumulate_normals(vertices, vertex_count, triangles, triangle_count, (f4 *)sums, out);
}

// `lamp`: ambient, directional, specular, x, y, z.
EXPORT(light) void light(const float *vertices, const float *normals, int32_t count, const Lamp *lamp, float *out) {
  shine_all(vertices, normals, count, *lamp, out);
}

EXPORT(resample_size) double resample_size(int32_t width, int32_t height) { return resample_scratch(width, height); }

EXPORT(resample)
void resample(const uint8_t *picture, int32_t picture_width, int32_t picture_height, int32_t channels, int32_t x1, int32_t y1,
              int32_t x2, int32_t y2, uint8_t *out, int32_t width, int32_t height, void *scratch) {
  resize({picture, picture_width, picture_height, channels}, x1, y1, x2, y2, out, width, height, scratch);
}

EXPORT(model_release) void model_release(PackedModel *model) {
  if (!model) return;
  free(model->mean);
  free(model->basis);
  free(model->scale);
  free(model);
}

// 0 when memory cannot grow.
EXPORT(model_create) PackedModel *model_create(int32_t vertices, int32_t components) {
  PackedModel *model = (PackedModel *)calloc(1, sizeof(PackedModel));
  if (!model) return 0;
  model->vertices = vertices;
  model->components = components;
  if (model->bytes() > INT32_MAX) {
    free(model);
    return 0;
  }
  size_t numbers = (size_t)model->blocks() * PLANES;
  model->mean = (float *)calloc(numbers, sizeof(float));
  model->basis = (int16_t *)calloc(numbers * components + 1, sizeof(int16_t));
  model->scale = (float *)calloc(components + 1, sizeof(float));
  if (model->mean && model->basis && model->scale) return model;
  model_release(model);
  return 0;
}

EXPORT(model_mean) void model_mean(PackedModel *model, const float *mean) { pack_mean(*model, mean); }

EXPORT(model_component) void model_component(PackedModel *model, int32_t k, const float *component) {
  pack_component(*model, k, component);
}

// Numbers that `decode` writes, whole blocks.
EXPORT(decode_size) double decode_size(const PackedModel *model) {
  return sizeof(float) * ((double)model->blocks() * PLANES + 4);
}

// `coefficients` are overwritten.
EXPORT(decode) void decode(const PackedModel *model, float *coefficients, const float *transform, float *out) {
  for (int32_t k = 0; k < model->components; k++) coefficients[k] *= model->scale[k];
  decode_all(*model, coefficients, transform, out);
}
