import type { Backend, RenderTarget } from '../backend.ts'
import { expect } from '../errors.ts'
import { checkImage, createImage, type ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { createRenderTarget } from '../render/render-target.ts'
import { padTexture } from './pad-texture.ts'
import { sampleBilinear } from './sample.ts'
import { depthTolerance, isVisible } from './visibility.ts'

/** What becomes of texels whose skin the photograph does not show. */
export type HiddenTexels =
  /** They take what lies in front of them, as the reference does. */
  | 'keep'
  /** They take the other half of the face where that is seen. */
  | 'mirror'
  /** They stay black. */
  | 'cut'

export interface UvTextureOptions {
  /** Side in texels, 16 to 8192. */
  readonly size?: number
  readonly hidden?: HiddenTexels
  /** Texels that the charts grow beyond their border, so that filtering does not bleed black into a textured mesh. */
  readonly padding?: number
  /** The picture's z-buffer with all its faces (`rasterizeFaces`), when others may cover this one; its own is made unless given. */
  readonly target?: RenderTarget
}

export const UV_TEXTURE_DEFAULTS = { size: 256, hidden: 'keep', padding: 2 } as const

/**
 * The photograph unwrapped onto the model's UV chart: RGB, `size` x `size`, black outside the chart. Each texel is sampled at
 * its own place (not blended from vertex colours), with texel (i, j) at u = (i + 0.5) / size as every renderer reads it.
 */
export function uvTexture(
  image: ImageView,
  vertices: Float32Array,
  model: MorphableModel,
  backend: Backend,
  options: UvTextureOptions = {},
): ImageView {
  const { size, hidden, padding } = { ...UV_TEXTURE_DEFAULTS, ...options }
  checkImage(image)
  expect(Number.isInteger(size) && size >= 16 && size <= 8192, 'size', 'a whole number from 16 to 8192', size)
  expect(vertices.length === 3 * model.vertexCount, 'vertices', `${3 * model.vertexCount} numbers`, vertices)
  const chart = unwrap(model, vertices, size, backend)
  const texture = createImage(size, size)
  const seen = hidden === 'keep' ? undefined : seenTexels(image, vertices, model, backend, chart, options.target)
  for (let t = 0; t < size * size; t++) {
    const from = chart.ids[t]! < 0 ? -1 : !seen || seen[t] ? t : hidden === 'mirror' ? mirrored(t, size, seen) : -1
    if (from >= 0)
      sampleBilinear(image, chart.positions[3 * from]!, chart.positions[3 * from + 1]!, texture.data, 3 * t)
  }
  padTexture(texture, chart.ids, padding)
  return texture
}

interface Chart {
  /** Triangle of each texel, -1 outside the chart. */
  readonly ids: Int32Array
  /** [3 size^2] place of each texel's skin in the picture. */
  readonly positions: Float32Array
}

/** Rasterises the mesh in UV space and finds each texel's place in the picture. */
function unwrap({ uv, triangles }: MorphableModel, vertices: Float32Array, size: number, backend: Backend): Chart {
  const flat = new Float32Array(vertices.length)
  for (let i = 0; i < uv.length / 2; i++) {
    flat[3 * i] = uv[2 * i]! * size - 0.5
    flat[3 * i + 1] = uv[2 * i + 1]! * size - 0.5
  }
  const target: RenderTarget = {
    x: 0,
    y: 0,
    width: size,
    height: size,
    depth: new Float32Array(size * size).fill(-Infinity),
    triangleIds: new Int32Array(size * size).fill(-1),
  }
  backend.rasterize({ vertices: flat, triangles }, target)
  const positions = new Float32Array(3 * size * size)
  for (let t = 0; t < size * size; t++) {
    const id = target.triangleIds[t]!
    if (id < 0) continue
    const [a, b, c] = [3 * triangles[3 * id]!, 3 * triangles[3 * id + 1]!, 3 * triangles[3 * id + 2]!]
    const [w1, w2] = barycentric(flat, a, b, c, t % size, Math.floor(t / size))
    for (let k = 0; k < 3; k++)
      positions[3 * t + k] =
        vertices[a + k]! + (vertices[b + k]! - vertices[a + k]!) * w1 + (vertices[c + k]! - vertices[a + k]!) * w2
  }
  return { ids: target.triangleIds, positions }
}

function barycentric(p: Float32Array, a: number, b: number, c: number, x: number, y: number): [number, number] {
  const [bx, by, cx, cy] = [p[b]! - p[a]!, p[b + 1]! - p[a + 1]!, p[c]! - p[a]!, p[c + 1]! - p[a + 1]!]
  const area = bx * cy - by * cx
  const [px, py] = [x - p[a]!, y - p[a + 1]!]
  return area === 0 ? [0, 0] : [(px * cy - py * cx) / area, (bx * py - by * px) / area]
}

/** [size^2] 1 where the texel's skin faces the viewer and nothing lies in front of it. */
function seenTexels(
  image: ImageView,
  vertices: Float32Array,
  model: MorphableModel,
  backend: Backend,
  chart: Chart,
  given: RenderTarget | undefined,
): Uint8Array {
  const mesh = { vertices, triangles: model.triangles }
  const target = given ?? createRenderTarget(image, [vertices])
  if (!given) backend.rasterize(mesh, target)
  const tolerance = depthTolerance(vertices)
  const seen = new Uint8Array(chart.ids.length)
  for (let t = 0; t < seen.length; t++) {
    if (chart.ids[t]! < 0 || !facesViewer(mesh.vertices, model.triangles, chart.ids[t]!)) continue
    seen[t] = isVisible(
      target,
      chart.positions[3 * t]!,
      chart.positions[3 * t + 1]!,
      chart.positions[3 * t + 2]!,
      tolerance,
    )
      ? 1
      : 0
  }
  return seen
}

/** Skin that turns away more than this (cosine to the viewer) is smeared in the photograph, and background bleeds into it. */
const MIN_FACING = 0.2

function facesViewer(v: Float32Array, triangles: Uint32Array, id: number): boolean {
  const [a, b, c] = [3 * triangles[3 * id]!, 3 * triangles[3 * id + 1]!, 3 * triangles[3 * id + 2]!]
  const [ux, uy, uz] = [v[b]! - v[a]!, v[b + 1]! - v[a + 1]!, v[b + 2]! - v[a + 2]!]
  const [wx, wy, wz] = [v[c]! - v[a]!, v[c + 1]! - v[a + 1]!, v[c + 2]! - v[a + 2]!]
  const [nx, ny, nz] = [uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx]
  return nz > MIN_FACING * Math.hypot(nx, ny, nz)
}

/** The texel's mirror image across u = 0.5 where that is seen, else the texel itself: hidden on both sides, it stays as it is. */
function mirrored(t: number, size: number, seen: Uint8Array): number {
  const other = t - (t % size) + size - 1 - (t % size)
  return seen[other] ? other : t
}
