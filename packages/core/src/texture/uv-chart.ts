import type { Backend, RenderTarget } from '../backend.ts'
import { checkBackend } from '../backend-arguments.ts'
import { expect } from '../errors.ts'
import { checkUvMesh, type UvMesh } from './uv-mesh.ts'

/** A mesh's UV chart in texels: the same for every face of a model, so worth keeping by whoever makes many textures. */
export interface UvChart {
  /** Side in texels. Texel (i, j) is at u = (i + 0.5) / size, v = (j + 0.5) / size. */
  readonly size: number
  /** [size^2] triangle of each texel, -1 outside the chart. */
  readonly ids: Int32Array
  /** [2 size^2] barycentric weights of that triangle's second and third vertex. */
  readonly weights: Float32Array
}

/** What depends on a chart and the mesh that it is of, made once: many faces share it. */
export function perChart<Mesh extends UvMesh, T>(
  make: (chart: UvChart, mesh: Mesh) => T,
): (chart: UvChart, mesh: Mesh) => T {
  const made = new WeakMap<UvChart, T>()
  return (chart, mesh) => {
    const known = made.get(chart)
    if (known !== undefined) return known
    const fresh = make(chart, mesh)
    made.set(chart, fresh)
    return fresh
  }
}

/** @throws {InvalidInputError} unless there are triangles and texture coordinates and `size` is a whole number from 16 to 8192. */
export function createUvChart(mesh: UvMesh, size: number, backend: Backend): UvChart {
  checkUvMesh(mesh)
  checkBackend(backend)
  const { uv, triangles } = mesh
  expect(Number.isInteger(size) && size >= 16 && size <= 8192, 'size', 'a whole number from 16 to 8192', size)
  const flat = new Float32Array((3 * uv.length) / 2)
  for (let i = 0; i < uv.length / 2; i++) {
    flat[3 * i] = uv[2 * i]! * size - 0.5
    flat[3 * i + 1] = uv[2 * i + 1]! * size - 0.5
  }
  const depth = new Float32Array(size * size).fill(-Infinity)
  const target: RenderTarget = {
    x: 0,
    y: 0,
    width: size,
    height: size,
    depth,
    triangleIds: new Int32Array(size * size).fill(-1),
  }
  backend.rasterize({ vertices: flat, triangles }, target)
  const weights = new Float32Array(2 * size * size)
  for (let t = 0; t < size * size; t++) {
    const id = target.triangleIds[t]!
    if (id >= 0) barycentric(flat, triangles, id, t % size, Math.floor(t / size), weights, 2 * t)
  }
  return { size, ids: target.triangleIds, weights }
}

function barycentric(
  p: Float32Array,
  triangles: Uint32Array,
  id: number,
  x: number,
  y: number,
  out: Float32Array,
  at: number,
): void {
  const a = 3 * triangles[3 * id]!
  const b = 3 * triangles[3 * id + 1]!
  const c = 3 * triangles[3 * id + 2]!
  const bx = p[b]! - p[a]!
  const by = p[b + 1]! - p[a + 1]!
  const cx = p[c]! - p[a]!
  const cy = p[c + 1]! - p[a + 1]!
  const area = bx * cy - by * cx
  if (area === 0) return
  const px = x - p[a]!
  const py = y - p[a + 1]!
  out[at] = (px * cy - py * cx) / area
  out[at + 1] = (bx * py - by * px) / area
}

/** [3 size^2] place of each texel's skin on a mesh [3n]; 0 outside the chart. */
export function placeTexels({ ids, weights }: UvChart, vertices: Float32Array, triangles: Uint32Array): Float32Array {
  const places = new Float32Array(3 * ids.length)
  for (let t = 0; t < ids.length; t++) {
    const id = ids[t]!
    if (id < 0) continue
    const a = 3 * triangles[3 * id]!
    const b = 3 * triangles[3 * id + 1]!
    const c = 3 * triangles[3 * id + 2]!
    const w1 = weights[2 * t]!
    const w2 = weights[2 * t + 1]!
    for (let k = 0; k < 3; k++) {
      const from = vertices[a + k]!
      places[3 * t + k] = from + (vertices[b + k]! - from) * w1 + (vertices[c + k]! - from) * w2
    }
  }
  return places
}
