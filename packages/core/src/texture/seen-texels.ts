import type { Backend, RenderTarget } from '../backend.ts'
import type { ImageView } from '../image.ts'
import { createRenderTarget } from '../render/render-target.ts'
import { placeTexels, type UvChart } from './uv-chart.ts'
import type { UvMesh } from './uv-mesh.ts'
import { depthTolerance, isVisible } from './visibility.ts'

export interface SeenOptions {
  readonly chart: UvChart
  /** The picture's z-buffer with all its faces (`rasterizeFaces`), when others may cover this one; its own is made unless given. */
  readonly target?: RenderTarget
  /** `placeTexels` of the chart and vertices, when that was done before. */
  readonly places?: Float32Array
}

/** [size^2] 1 where the texel's skin lies in the picture, faces the viewer and nothing lies in front of it (depth test). */
export function seenTexels(
  picture: Pick<ImageView, 'width' | 'height'>,
  vertices: Float32Array,
  { triangles }: UvMesh,
  backend: Backend,
  { chart, target: given, places = placeTexels(chart, vertices, triangles) }: SeenOptions,
): Uint8Array {
  const target = given ?? createRenderTarget(picture, [vertices])
  if (!given) backend.rasterize({ vertices, triangles }, target)
  const tolerance = depthTolerance(vertices)
  const seen = new Uint8Array(chart.ids.length)
  for (let t = 0; t < seen.length; t++) {
    if (chart.ids[t]! < 0 || !facesViewer(vertices, triangles, chart.ids[t]!)) continue
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
