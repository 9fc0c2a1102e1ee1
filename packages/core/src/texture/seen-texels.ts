import type { Backend, RenderTarget } from '../backend.ts'
import type { ImageView } from '../image.ts'
import { createRenderTarget } from '../render/render-target.ts'
import { distanceToEdge } from './distance-to-edge.ts'
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

/**
 * [size^2] how well the photograph shows each texel's skin: 0 where it lies outside the picture, turns away or has something
 * in front (depth test), rising to 1 where it faces the viewer and no such place is near, since there mesh and photograph
 * never agree to the pixel.
 */
export function seenTexels(
  picture: Pick<ImageView, 'width' | 'height'>,
  vertices: Float32Array,
  { triangles }: UvMesh,
  backend: Backend,
  { chart, target: given, places = placeTexels(chart, vertices, triangles) }: SeenOptions,
): Float32Array {
  const target = given ?? createRenderTarget(picture, [vertices])
  if (!given) backend.rasterize({ vertices, triangles }, target)
  const tolerance = depthTolerance(vertices)
  const { size, ids } = chart
  const seen = new Float32Array(ids.length)
  for (let t = 0; t < seen.length; t++) {
    if (ids[t]! < 0) continue
    const facing = facingOf(vertices, triangles, ids[t]!)
    if (facing > MIN_FACING && isVisible(target, places[3 * t]!, places[3 * t + 1]!, places[3 * t + 2]!, tolerance))
      seen[t] = Math.min(1, (facing - MIN_FACING) / (FULL_FACING - MIN_FACING))
  }
  fadeBesideHidden(seen, ids, size)
  return seen
}

/** Skin that turns away more than this (cosine to the viewer) is smeared in the photograph, and background bleeds into it. */
const MIN_FACING = 0.2
/** Skin that faces the viewer so much counts fully. */
const FULL_FACING = 0.5
/** Width of the fading beside hidden texels, as a share of the chart's side. */
const FADE = 1 / 24

function fadeBesideHidden(seen: Float32Array, ids: Int32Array, size: number): void {
  // The chart's own border is no edge of what is seen.
  const shape = Uint8Array.from(seen, (value, t) => (value > 0 || ids[t]! < 0 ? 1 : 0))
  const distance = distanceToEdge(shape, size, size, 'inside')
  for (let t = 0; t < seen.length; t++) seen[t]! *= Math.min(1, distance[t]! / (FADE * size + 1))
}

/** Cosine of the angle between a triangle's normal and the viewing direction. */
function facingOf(v: Float32Array, triangles: Uint32Array, id: number): number {
  const a = 3 * triangles[3 * id]!
  const b = 3 * triangles[3 * id + 1]!
  const c = 3 * triangles[3 * id + 2]!
  const [ux, uy, uz] = [v[b]! - v[a]!, v[b + 1]! - v[a + 1]!, v[b + 2]! - v[a + 2]!]
  const [wx, wy, wz] = [v[c]! - v[a]!, v[c + 1]! - v[a + 1]!, v[c + 2]! - v[a + 2]!]
  const nz = ux * wy - uy * wx
  return nz / (Math.hypot(uy * wz - uz * wy, uz * wx - ux * wz, nz) || 1)
}
