import { checkFloats } from '../arrays.ts'
import type { Backend, RenderTarget } from '../backend.ts'
import { faceSize } from '../bounds.ts'
import { expectObject } from '../errors.ts'
import { checkPicture, type ImageView } from '../image.ts'
import { boundingBox, createRenderTarget, croppedTarget, grownBox } from '../render/render-target.ts'
import { distanceToContour } from './contours.ts'
import { distanceToEdge } from './distance-to-edge.ts'
import { perChart, placeTexels, type UvChart } from './uv-chart.ts'
import { checkUvMesh, type UvMesh } from './uv-mesh.ts'
import { depthRange, depthTolerance, isVisible } from './visibility.ts'

export interface SeenOptions {
  readonly chart: UvChart
  /** The picture's z-buffer with all its faces (`rasterizeFaces`), when others may cover this one; its own is made unless given. */
  readonly target?: RenderTarget | undefined
  /** `placeTexels` of the chart and vertices, when that was done before. */
  readonly places?: Float32Array | undefined
}

/**
 * [size^2] how well the photograph shows each texel's skin: 0 where it lies outside the picture, turns away or has something
 * in front (depth test), rising to 1 where it faces the viewer and no such place is near. Nothing is believed within a margin of the
 * face's contours (`distanceToContour`): mesh and photograph never agree to the pixel, and what is off by a few shows the background.
 * @throws {InvalidInputError} when the vertices are not of the mesh, or there is no chart.
 */
export function seenTexels(
  picture: Pick<ImageView, 'width' | 'height'>,
  vertices: Float32Array,
  mesh: UvMesh,
  backend: Backend,
  options: SeenOptions,
): Float32Array {
  checkPicture(picture)
  checkUvMesh(mesh)
  checkFloats(vertices, (3 * mesh.uv.length) / 2, 'vertices')
  expectObject(options, 'options', '{ chart }')
  const { chart, target: given } = options
  expectObject(chart, 'chart', 'a UV chart')
  const { triangles } = mesh
  const places = options.places ?? placeTexels(chart, vertices, triangles)
  const target = given ?? createRenderTarget(picture, [vertices])
  if (!given) backend.rasterize({ vertices, triangles }, target)
  const tolerance = depthTolerance(vertices)
  const { size, ids } = chart
  const facing = facingOf(vertices, triangles)
  const margin = MARGIN * faceSize(vertices)
  // Contours further away change nothing, and a picture of many faces is large.
  const near = croppedTarget(target, grownBox(boundingBox(vertices), Math.ceil(2 * margin) + 2))
  const contour = distanceToContour(near, depthRange(vertices), rimOf(chart, mesh))
  const seen = new Float32Array(ids.length)
  for (let t = 0; t < seen.length; t++) {
    if (ids[t]! < 0) continue
    const cosine = facing[ids[t]!]!
    const [x, y, z] = [places[3 * t]!, places[3 * t + 1]!, places[3 * t + 2]!]
    if (!(cosine > MIN_FACING && isVisible(target, x, y, z, tolerance))) continue
    const turned = (cosine - MIN_FACING) / (FULL_FACING - MIN_FACING)
    seen[t] = Math.max(0, Math.min(1, turned, valueAt(near, contour, x, y) / margin - 1))
  }
  fadeBesideHidden(seen, ids, size)
  return seen
}

/** Skin that turns away more than this (cosine to the viewer) is smeared in the photograph, and background bleeds into it. */
const MIN_FACING = 0.2
/** Skin that faces the viewer so much counts fully. */
const FULL_FACING = 0.5
/** Nearer to a contour than this share of the face's size nothing is believed; twice as far from it all. */
const MARGIN = 0.02
/** Triangles nearer to the chart's border than this share of its side are the mesh's rim: as wide as lips. */
const RIM = 0.06
/** Width of the fading beside hidden texels, as a share of the chart's side. */
const FADE = 1 / 24

/** Of the pixel of the target that is nearest to a place. */
function valueAt({ x, y, width, height }: RenderTarget, values: Float32Array, u: number, v: number): number {
  const column = Math.max(0, Math.min(width - 1, Math.round(u) - x))
  const row = Math.max(0, Math.min(height - 1, Math.round(v) - y))
  return values[row * width + column]!
}

/** [triangles] 1 for those along the chart's border. */
const rimOf = perChart(({ ids, size }: UvChart, { triangles, uv }: UvMesh): Uint8Array => {
  const distance = distanceToEdge(new Uint8Array(ids.map((id) => (id >= 0 ? 1 : 0))), size, size)
  const texel = (value: number): number => Math.max(0, Math.min(size - 1, Math.floor(value * size)))
  return Uint8Array.from({ length: triangles.length / 3 }, (_, t) => {
    const corner = 2 * triangles[3 * t]!
    return distance[texel(uv[corner + 1]!) * size + texel(uv[corner]!)]! < RIM * size ? 1 : 0
  })
})

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
