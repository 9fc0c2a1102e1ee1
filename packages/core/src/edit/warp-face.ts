import type { Backend, RenderTarget } from '../backend.ts'
import { expect } from '../errors.ts'
import { checkImage, copyImage, type ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { boundingBox, targetOver, unionBox } from '../render/render-target.ts'
import { eachMeshPixel } from '../render/render-textured.ts'
import { sampleBilinear } from '../texture/sample.ts'
import { closeLids } from './lids.ts'
import { Cell, solveMembrane } from './membrane.ts'
import { openMouth, paintMouth, upperLip } from './mouth.ts'

export interface WarpOptions {
  /** [3n] of the picture's other faces, with the same triangles: they stay as they are. None unless given. */
  readonly others?: readonly Float32Array[] | undefined
}

/** Share of the face by which the surroundings give way on each side. */
const MARGIN = 0.3
/** A point this share of the face behind what the picture shows there is hidden. */
const BEHIND = 0.02
/** Pixels that move less than this keep their value. */
const STILL = 1e-3

/**
 * A copy of a photograph in which a face has moved: from vertices `from` [3n] to `to` [3n], in pixels. Skin is taken from where it
 * was; what the camera did not see and the surroundings give way smoothly (a membrane over the displacement), so neither an
 * old chin stays behind nor a seam is seen. What opens between the lips is dark; lids that close bring their lashes along.
 * @throws {InvalidInputError} when arrays disagree.
 */
export function warpFace(
  image: ImageView,
  from: Float32Array,
  to: Float32Array,
  mesh: Pick<MorphableModel, 'triangles' | 'landmarks'>,
  backend: Backend,
  { others = [] }: WarpOptions = {},
): ImageView {
  checkImage(image)
  expect(from.length === to.length, 'to', `${from.length} numbers`, to)
  const box = surroundings(from, to)
  const rasterized = (face: Float32Array): RenderTarget => {
    const target = targetOver(image, box)
    ;[face, ...others].forEach((vertices, i) => {
      backend.rasterize({ vertices, triangles: mesh.triangles }, target, (i * mesh.triangles.length) / 3)
    })
    return target
  }
  const [before, after] = [rasterized(from), rasterized(to)]
  const opening = openMouth(after, to, mesh)
  const shifts = displacement(before, after, from, to, mesh, opening)
  const out = copyImage(image)
  draw(out, image, after, shifts)
  closeLids(out, image, from, to, mesh, after)
  paintMouth(out, image, from, to, mesh, after, opening)
  return out
}

/** The box of both with a margin. */
function surroundings(from: Float32Array, to: Float32Array): ReturnType<typeof boundingBox> {
  const { x1, y1, x2, y2 } = unionBox(boundingBox(from), boundingBox(to))
  const margin = Math.ceil(MARGIN * Math.max(x2 - x1, y2 - y1))
  return { x1: x1 - margin, y1: y1 - margin, x2: x2 + margin, y2: y2 + margin }
}

/** [2 a pixel of the target] x y from a pixel to where its colour was. */
function displacement(
  before: RenderTarget,
  after: RenderTarget,
  from: Float32Array,
  to: Float32Array,
  mesh: Pick<MorphableModel, 'triangles' | 'landmarks'>,
  opening: Uint8Array,
): Float32Array {
  const { triangles } = mesh
  const { width, height, x: left, y: top } = after
  const shifts = new Float32Array(2 * width * height)
  const count = triangles.length / 3
  // The rim of the window and other faces stay where they are.
  const cells = new Uint8Array(
    after.triangleIds.map((id, i) => {
      const [x, y] = [i % width, Math.floor(i / width)]
      const isRim = x === 0 || y === 0 || x === width - 1 || y === height - 1
      return isRim || id >= count ? Cell.fixed : Cell.free
    }),
  )
  const { x1, x2 } = boundingBox(from)
  eachMeshPixel(after, to, triangles, 0, (x, y, t, w0, w1, w2) => {
    const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!]
    const at = (v: Float32Array, axis: number): number => w0 * v[a + axis]! + w1 * v[b + axis]! + w2 * v[c + axis]!
    // Not from (x, y) itself: a triangle that is seen edge-on says where its corner is, not the pixel.
    const [dx, dy] = [at(from, 0) - at(to, 0), at(from, 1) - at(to, 1)]
    const i = (y - top) * width + x - left
    const isSeen = at(from, 2) > depthAt(before, x + dx, y + dy) - BEHIND * (x2 - x1)
    cells[i] = isSeen ? Cell.fixed : Cell.free
    if (isSeen) shifts.set([dx, dy], 2 * i)
  })
  const lip = upperLip(from, to, mesh)
  for (let i = 0; i < opening.length; i++) {
    if (!opening[i]) continue
    const { shift, dark } = lip(left + (i % width), top + Math.floor(i / width))
    // What is dark is of either lip at its rim, so that none of the other's skin shows through where the dark begins.
    cells[i] = dark < 1 ? Cell.fixed : Cell.free
    if (dark < 1) shifts.set(shift, 2 * i)
  }
  solveMembrane({ heights: shifts, cells, width, height, channels: 2 })
  return shifts
}

/** Depth of what is seen at a place; -Infinity outside. */
function depthAt({ x, y, width, height, depth }: RenderTarget, u: number, v: number): number {
  const [column, row] = [Math.round(u) - x, Math.round(v) - y]
  return column >= 0 && row >= 0 && column < width && row < height ? depth[row * width + column]! : -Infinity
}

function draw(out: ImageView, image: ImageView, target: RenderTarget, shifts: Float32Array): void {
  const { channels } = image
  const color = new Float32Array(channels)
  for (let i = 0; i < shifts.length / 2; i++) {
    const [dx, dy] = [shifts[2 * i]!, shifts[2 * i + 1]!]
    if (Math.abs(dx) < STILL && Math.abs(dy) < STILL) continue
    const [x, y] = [target.x + (i % target.width), target.y + Math.floor(i / target.width)]
    sampleBilinear(image, x + dx, y + dy, color, 0, channels)
    const at = (y * image.width + x) * channels
    for (let k = 0; k < channels; k++) out.data[at + k] = Math.floor(color[k]! + 0.5)
  }
}
