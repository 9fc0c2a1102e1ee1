import { checkFloats } from '../arrays.ts'
import type { Backend, RenderTarget } from '../backend.ts'
import { expect, expectOneOf } from '../errors.ts'
import { checkImage, copyImage, type ImageView } from '../image.ts'
import { eachPhotographPlace, type MeshInPhotograph } from '../render/photograph-places.ts'
import { createRenderTarget, targetInside } from '../render/render-target.ts'
import { eachTexturedPixel } from '../render/render-textured.ts'
import { distanceToEdge } from '../texture/distance-to-edge.ts'
import { enclosedByMesh, enclosedPixels } from '../texture/enclosed-pixels.ts'
import { fillTexels } from '../texture/fill-texels.ts'
import type { UvMask } from '../texture/region-mask.ts'
import { sampleBilinear } from '../texture/sample.ts'
import type { UvMesh } from '../texture/uv-mesh.ts'
import { joinGradients, type Painting } from './join-gradients.ts'

export const BLENDS = ['gradient', 'feather', 'none'] as const
export type Blend = (typeof BLENDS)[number]

export interface PaintOptions {
  /** Which texels are painted; all unless given. */
  readonly mask?: UvMask | undefined
  /**
   * Where the photograph surely shows this face's skin (`skinMask` times `seenTexels`), nowhere unless given: there `gradient` joins the
   * colours along the mesh's own border too. Elsewhere that may lie on the background.
   */
  readonly sure?: UvMask | undefined
  /**
   * - `gradient` (default): the painting's gradients with the photograph's colours along its border (a membrane over the
   *   difference, as Poisson editing and OpenCV's `seamlessClone` do)
   * - `feather`: mixed by the mask, and softly along the face's outline
   * - `none`: as it is, where the mask is above a half
   */
  readonly blend?: Blend | undefined
  /** Width of the soft outline in pixels, from 0; a fiftieth of the face's width unless given. */
  readonly feather?: number | undefined
  /** The picture's z-buffer with all its faces, when others may cover this one; its own is made unless given. */
  readonly target?: RenderTarget | undefined
  /** Id of the mesh's first triangle in `target`; 0 unless given. */
  readonly firstId?: number | undefined
  /** The photograph that the texture is of: what it shows between the lips goes between these, where they are open. */
  readonly photograph?: MeshInPhotograph | undefined
}

/**
 * A copy of a photograph in which a face ([3n] vertices, pixels) wears another texture. What is painted is opaque.
 * @throws {InvalidInputError} when arrays disagree or an option is out of range.
 */
export function paintTexture(
  image: ImageView,
  vertices: Float32Array,
  mesh: UvMesh,
  texture: ImageView,
  backend: Backend,
  options: PaintOptions = {},
): ImageView {
  checkImage(image)
  checkImage(texture, 'texture')
  const { blend = 'gradient', firstId = 0, mask, sure } = options
  expectOneOf(BLENDS, blend, 'blend')
  if (mask) checkMask(mask, 'mask')
  if (sure) checkMask(sure, 'sure')
  const target = options.target ? targetInside(image, options.target) : createRenderTarget(image, [vertices])
  if (!options.target) backend.rasterize({ vertices, triangles: mesh.triangles }, target)
  const painting = project(target, vertices, mesh, texture, { mask, sure }, firstId)
  if (options.photograph) {
    checkImage(options.photograph.image, 'photograph')
    checkFloats(options.photograph.vertices, vertices.length, "the photograph's vertices")
    paintHoles(painting, target, vertices, mesh, firstId, options.photograph)
  }
  const feather = options.feather ?? widthOf(painting, target.width) / 50
  expect(feather >= 0 && feather < Infinity, 'feather', 'a number of pixels from 0', feather)
  if (blend === 'gradient') joinGradients(painting, image, target, feather)
  else if (blend === 'feather') softenOutline(painting, feather)
  else painting.alpha = painting.alpha.map((alpha) => (alpha > 0.5 ? 1 : 0))
  const out = copyImage(image)
  compose(out, painting, target)
  return out
}

function checkMask({ size, data }: UvMask, name: string): void {
  expect(Number.isInteger(size) && size >= 2, `${name}.size`, 'a whole number from 2', size)
  checkFloats(data, size ** 2, `${name}.data`)
}

function project(
  target: RenderTarget,
  vertices: Float32Array,
  mesh: UvMesh,
  texture: ImageView,
  { mask, sure }: Pick<PaintOptions, 'mask' | 'sure'>,
  firstId: number,
): Painting {
  const count = target.width * target.height
  const colors = new Float32Array(3 * count)
  const shown = new Uint8Array(count)
  const alpha = new Float32Array(count)
  const surely = new Float32Array(count)
  eachTexturedPixel(target, vertices, mesh, firstId, (x, y, u, v) => {
    const i = (y - target.y) * target.width + x - target.x
    shown[i] = 1
    alpha[i] = mask ? sampleMask(mask, u, v) : 1
    if (sure) surely[i] = sampleMask(sure, u, v)
    sampleBilinear(texture, u * texture.width - 0.5, v * texture.height - 0.5, colors, 3 * i)
  })
  const open = enclosedByMesh(target)
  const face = shown.map((value, i) => value | open[i]!)
  return { colors, shown, edge: distanceToEdge(face, target.width, target.height), alpha, sure: surely }
}

/**
 * Paints what this face surrounds but nothing covers with what the photograph has there, in the colours that the texture has
 * around it; mask and place go on smoothly from the lips.
 */
function paintHoles(
  { colors, shown, alpha }: Painting,
  target: RenderTarget,
  vertices: Float32Array,
  { triangles }: UvMesh,
  firstId: number,
  photograph: MeshInPhotograph,
): void {
  const { width, height, triangleIds } = target
  const inside = enclosedPixels(shown, width, height)
  const holes = inside.map((value, i) => (triangleIds[i]! < 0 ? value : 0))
  if (!holes.includes(1)) return
  // A pixel's place in the photograph, its mask, and what the texture has more than the photograph.
  const channels = 6
  const values = new Float32Array(channels * shown.length)
  const seen = new Float32Array(3)
  eachPhotographPlace(target, vertices, triangles, firstId, photograph, (i, x, y) => {
    sampleBilinear(photograph.image, x, y, seen, 0)
    const more = [0, 1, 2].map((k) => colors[3 * i + k]! - seen[k]!)
    values.set([x, y, alpha[i]!, ...more], channels * i)
  })
  fillTexels(values, Float32Array.from(shown), { width, height, channels }, holes)
  holes.forEach((hole, i) => {
    if (!hole) return
    const [x, y, mask, ...more] = values.subarray(channels * i, channels * (i + 1)) as unknown as number[]
    sampleBilinear(photograph.image, x!, y!, seen, 0)
    for (let k = 0; k < 3; k++) colors[3 * i + k] = Math.max(0, Math.min(255, seen[k]! + more[k]!))
    alpha[i] = mask!
    shown[i] = 1
  })
}

function sampleMask({ size, data }: UvMask, u: number, v: number): number {
  const x = Math.max(0, Math.min(size - 1, u * size - 0.5))
  const y = Math.max(0, Math.min(size - 1, v * size - 0.5))
  const [x0, y0] = [Math.min(Math.floor(x), size - 2), Math.min(Math.floor(y), size - 2)]
  const at = y0 * size + x0
  const upper = data[at]! + (data[at + 1]! - data[at]!) * (x - x0)
  const lower = data[at + size]! + (data[at + size + 1]! - data[at + size]!) * (x - x0)
  return upper + (lower - upper) * (y - y0)
}

/** Of the widest row that shows the face. */
function widthOf({ shown }: Painting, width: number): number {
  let widest = 0
  for (let row = 0; row < shown.length; row += width) {
    const first = shown.subarray(row, row + width).indexOf(1)
    if (first >= 0) widest = Math.max(widest, shown.subarray(row, row + width).lastIndexOf(1) - first + 1)
  }
  return widest
}

/** Fades out towards the face's outline, where mesh and photograph never agree to the pixel. */
function softenOutline(painting: Painting, feather: number): void {
  if (feather === 0) return
  painting.alpha = painting.alpha.map((alpha, i) => alpha * Math.min(1, painting.edge[i]! / feather))
}

function compose(image: ImageView, { colors, alpha }: Painting, { x, y, width }: RenderTarget): void {
  const { data, channels } = image
  for (let i = 0; i < alpha.length; i++) {
    if (!(alpha[i]! > 0)) continue
    const at = ((y + Math.floor(i / width)) * image.width + x + (i % width)) * channels
    for (let k = 0; k < 3; k++) {
      const mixed = data[at + k]! + (colors[3 * i + k]! - data[at + k]!) * alpha[i]!
      data[at + k] = Math.max(0, Math.min(255, Math.round(mixed)))
    }
    if (channels === 4) data[at + 3] = Math.round(data[at + 3]! + (255 - data[at + 3]!) * Math.min(1, alpha[i]!))
  }
}
