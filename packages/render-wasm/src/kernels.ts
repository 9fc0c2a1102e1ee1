/** What cpp/exports.cpp exports. Numbers are addresses unless they are named otherwise. */
export interface Kernels {
  readonly memory: WebAssembly.Memory
  _initialize(): void
  allocate(bytes: number): number
  release(address: number): void
  largest(indices: number, count: number): number
  points_size(vertexCount: number): number
  rasterize(
    vertices: number,
    vertexCount: number,
    triangles: number,
    triangleCount: number,
    points: number,
    x: number,
    y: number,
    width: number,
    height: number,
    depth: number,
    ids: number,
    firstId: number,
  ): void
  shade(
    vertices: number,
    vertexCount: number,
    triangles: number,
    triangleCount: number,
    points: number,
    colors: number,
    ids: number,
    idStride: number,
    picture: number,
    channels: number,
    x: number,
    y: number,
    width: number,
    height: number,
    opacity: number,
    firstId: number,
  ): void
  normals(
    vertices: number,
    vertexCount: number,
    triangles: number,
    triangleCount: number,
    sums: number,
    out: number,
  ): void
  light(vertices: number, normals: number, vertexCount: number, lamp: number, out: number): void
  resample_size(width: number, height: number): number
  resample(
    picture: number,
    pictureWidth: number,
    pictureHeight: number,
    channels: number,
    x1: number,
    y1: number,
    x2: number,
    y2: number,
    out: number,
    width: number,
    height: number,
    scratch: number,
  ): void
  model_create(vertexCount: number, components: number): number
  model_release(model: number): void
  model_mean(model: number, mean: number): void
  model_component(model: number, index: number, component: number): void
  decode_size(model: number): number
  decode(model: number, coefficients: number, transform: number, out: number): void
}
