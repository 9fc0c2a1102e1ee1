import { checkFloats } from '../arrays.ts'
import type { Backend, RenderTarget } from '../backend.ts'
import { expect, expectOneOf } from '../errors.ts'
import { checkImage, createImage, type ImageView } from '../image.ts'
import { HIDDEN_TEXELS, type HiddenTexels, replaceHidden } from './hidden-texels.ts'
import { padTexture } from './pad-texture.ts'
import type { LandmarkedUvMesh } from './region-mask.ts'
import { sampleBilinear } from './sample.ts'
import { seenTexels } from './seen-texels.ts'
import { createUvChart, placeTexels, type UvChart } from './uv-chart.ts'
import { checkUvMesh, type UvMesh } from './uv-mesh.ts'
import { takeEyesWhole } from './whole-eyes.ts'

export interface UvTextureOptions {
  /** Side in texels, 16 to 8192; 256 unless given. */
  readonly size?: number | undefined
  /** `keep` unless given. */
  readonly hidden?: HiddenTexels | undefined
  /** Texels that the charts grow beyond their border, so that filtering does not bleed black into a textured mesh. 2 unless given. */
  readonly padding?: number | undefined
  /** The picture's z-buffer with all its faces (`rasterizeFaces`), when others may cover this one; its own is made unless given. */
  readonly target?: RenderTarget | undefined
  /** The model's chart, when it was made before (`createUvChart`); its size then counts. */
  readonly chart?: UvChart | undefined
}

export const UV_TEXTURE_DEFAULTS = { size: 256, hidden: 'keep', padding: 2 } as const

/**
 * The photograph unwrapped onto a mesh's UV chart: RGB, `size` x `size`, black outside the chart. Each texel is sampled at
 * its own place (not blended from vertex colours), with texel (i, j) at u = (i + 0.5) / size as every renderer reads it.
 * @param mesh the face's triangles and texture coordinates: a morphable model, or `uvMeshOf` a topology. With its landmarks eyes are
 * mirrored as a whole or not at all.
 * @throws {InvalidInputError} when arrays disagree or an option is out of range.
 */
export function uvTexture(
  image: ImageView,
  vertices: Float32Array,
  mesh: UvMesh | LandmarkedUvMesh,
  backend: Backend,
  options: UvTextureOptions = {},
): ImageView {
  const { hidden = UV_TEXTURE_DEFAULTS.hidden, padding = UV_TEXTURE_DEFAULTS.padding } = options
  checkImage(image)
  expectOneOf(HIDDEN_TEXELS, hidden, 'hidden')
  expect(Number.isInteger(padding) && padding >= 0, 'padding', 'a whole number from 0', padding)
  checkUvMesh(mesh)
  checkFloats(vertices, (3 * mesh.uv.length) / 2, 'vertices')
  const chart = options.chart ?? createUvChart(mesh, options.size ?? UV_TEXTURE_DEFAULTS.size, backend)
  const { size, ids } = chart
  const places = placeTexels(chart, vertices, mesh.triangles)
  const values = new Float32Array(3 * size * size)
  for (let t = 0; t < ids.length; t++)
    if (ids[t]! >= 0) sampleBilinear(image, places[3 * t]!, places[3 * t + 1]!, values, 3 * t)
  if (hidden !== 'keep') {
    const seen = seenTexels(image, vertices, mesh, backend, { ...options, chart, places })
    if (hidden === 'mirror' && 'landmarks' in mesh) takeEyesWhole(seen, mesh, chart)
    replaceHidden(values, size, ids, seen, hidden)
  }
  const texture = createImage(size, size)
  // Not Math.round, which takes as long as the sampling: all values are in [0, 255].
  for (let i = 0; i < values.length; i++) texture.data[i] = values[i]! + 0.5
  padTexture(texture, ids, padding)
  return texture
}
