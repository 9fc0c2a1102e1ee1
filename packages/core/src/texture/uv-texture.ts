import type { Backend, RenderTarget } from '../backend.ts'
import { expect } from '../errors.ts'
import { checkImage, createImage, type ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { createRenderTarget } from '../render/render-target.ts'
import { padTexture } from './pad-texture.ts'
import { sampleBilinear } from './sample.ts'
import { createUvChart, placeTexels, type UvChart } from './uv-chart.ts'
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
  /** The model's chart, when it was made before (`createUvChart`); its size then counts. */
  readonly chart?: UvChart
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
  const { hidden, padding } = { ...UV_TEXTURE_DEFAULTS, ...options }
  checkImage(image)
  expect(vertices.length === 3 * model.vertexCount, 'vertices', `${3 * model.vertexCount} numbers`, vertices)
  const chart = options.chart ?? createUvChart(model, options.size ?? UV_TEXTURE_DEFAULTS.size, backend)
  const { size } = chart
  const places = placeTexels(chart, vertices, model.triangles)
  const texture = createImage(size, size)
  const seen =
    hidden === 'keep' ? undefined : seenTexels(image, vertices, model, backend, chart, places, options.target)
  for (let t = 0; t < size * size; t++) {
    const from = chart.ids[t]! < 0 ? -1 : !seen || seen[t] ? t : hidden === 'mirror' ? mirrored(t, size, seen) : -1
    if (from >= 0) sampleBilinear(image, places[3 * from]!, places[3 * from + 1]!, texture.data, 3 * t)
  }
  padTexture(texture, chart.ids, padding)
  return texture
}

/** [size^2] 1 where the texel's skin faces the viewer and nothing lies in front of it. */
function seenTexels(
  image: ImageView,
  vertices: Float32Array,
  model: MorphableModel,
  backend: Backend,
  chart: UvChart,
  places: Float32Array,
  given: RenderTarget | undefined,
): Uint8Array {
  const mesh = { vertices, triangles: model.triangles }
  const target = given ?? createRenderTarget(image, [vertices])
  if (!given) backend.rasterize(mesh, target)
  const tolerance = depthTolerance(vertices)
  const seen = new Uint8Array(chart.ids.length)
  for (let t = 0; t < seen.length; t++) {
    if (chart.ids[t]! < 0 || !facesViewer(mesh.vertices, model.triangles, chart.ids[t]!)) continue
    seen[t] = isVisible(target, places[3 * t]!, places[3 * t + 1]!, places[3 * t + 2]!, tolerance) ? 1 : 0
  }
  return seen
}

/** Skin that turns away more than this (cosine to the viewer) is smeared in the photograph, and background bleeds into it. */
const MIN_FACING = 0.2

function facesViewer(v: Float32Array, triangles: Uint32Array, id: number): boolean {
  const a = 3 * triangles[3 * id]!
  const b = 3 * triangles[3 * id + 1]!
  const c = 3 * triangles[3 * id + 2]!
  const [ux, uy, uz] = [v[b]! - v[a]!, v[b + 1]! - v[a + 1]!, v[b + 2]! - v[a + 2]!]
  const [wx, wy, wz] = [v[c]! - v[a]!, v[c + 1]! - v[a + 1]!, v[c + 2]! - v[a + 2]!]
  const nz = ux * wy - uy * wx
  return nz > MIN_FACING * Math.hypot(uy * wz - uz * wy, uz * wx - ux * wz, nz)
}

/** The texel's mirror image across u = 0.5 where that is seen, else the texel itself: hidden on both sides, it stays as it is. */
function mirrored(t: number, size: number, seen: Uint8Array): number {
  const other = t - (t % size) + size - 1 - (t % size)
  return seen[other] ? other : t
}
