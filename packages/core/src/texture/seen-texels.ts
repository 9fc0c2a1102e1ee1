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
  const facing = facingOf(vertices, triangles)
  const seen = new Float32Array(ids.length)
  for (let t = 0; t < seen.length; t++) {
    if (ids[t]! < 0) continue
    const cosine = facing[ids[t]!]!
    if (cosine > MIN_FACING && isVisible(target, places[3 * t]!, places[3 * t + 1]!, places[3 * t + 2]!, tolerance))
      seen[t] = Math.min(1, (cosine - MIN_FACING) / (FULL_FACING - MIN_FACING))
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
  const shape = new Uint8Array(seen.length)
  for (let t = 0; t < shape.length; t++) shape[t] = seen[t]! > 0 || ids[t]! < 0 ? 1 : 0
  const distance = distanceToEdge(shape, size, size, 'inside')
  const width = FADE * size + 1
  for (let t = 0; t < seen.length; t++) if (distance[t]! < width) seen[t]! *= distance[t]! / width
}

/** Of each triangle, the cosine of the angle between its normal and the viewing direction. */
function facingOf(v: Float32Array, triangles: Uint32Array): Float32Array {
  const out = new Float32Array(triangles.length / 3)
  for (let t = 0; t < out.length; t++) {
    const a = 3 * triangles[3 * t]!
    const b = 3 * triangles[3 * t + 1]!
    const c = 3 * triangles[3 * t + 2]!
    const ux = v[b]! - v[a]!
    const uy = v[b + 1]! - v[a + 1]!
    const uz = v[b + 2]! - v[a + 2]!
    const wx = v[c]! - v[a]!
    const wy = v[c + 1]! - v[a + 1]!
    const wz = v[c + 2]! - v[a + 2]!
    const nx = uy * wz - uz * wy
    const ny = uz * wx - ux * wz
    const nz = ux * wy - uy * wx
    out[t] = nz / (Math.sqrt(nx * nx + ny * ny + nz * nz) || 1)
  }
  return out
}
