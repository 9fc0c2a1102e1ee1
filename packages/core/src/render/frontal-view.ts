import { checkFloats } from '../arrays.ts'
import type { Backend, RenderTarget } from '../backend.ts'
import { checkBackend } from '../backend-arguments.ts'
import { spatialBounds } from '../bounds.ts'
import { expect } from '../errors.ts'
import { checkImage, createImage, type ImageView } from '../image.ts'
import { enclosedByMesh } from '../texture/enclosed-pixels.ts'
import { fillTexels } from '../texture/fill-texels.ts'
import { sampleBilinear } from '../texture/sample.ts'
import { checkUvMesh, type UvMesh } from '../texture/uv-mesh.ts'
import { eachPhotographPlace, type MeshInPhotograph } from './photograph-places.ts'
import { createRenderTarget } from './render-target.ts'
import { renderTextured } from './render-textured.ts'

export interface FrontalViewOptions {
  /** Side of the picture in pixels, 16 to 4096; 512 unless given. */
  readonly size?: number | undefined
  /** Free border as a share of the side, [0, 0.4]; 0.04 unless given. */
  readonly margin?: number | undefined
  /**
   * Where the mesh is open and skin surrounds it, in a mouth, this photograph is seen, of a face that is turned far away its nearer half on
   * both sides; it stays transparent unless given.
   */
  readonly photograph?: MeshInPhotograph | undefined
}

/** A half of an opening that is narrower in the photograph than this share of the other is turned away. */
const TURNED = 0.5

export const FRONTAL_VIEW_DEFAULTS = { size: 512, margin: 0.04 } as const

/**
 * A picture of a mesh alone, centred and as large as fits, with its texture: RGBA, transparent around it, edges smoothed
 * (four samples a pixel). With `frontalVertices` it shows a face front-on.
 * @param vertices [3n] any unit, y down
 * @throws {InvalidInputError} when an option is out of range or the mesh has no extent.
 */
export function renderFrontalView(
  vertices: Float32Array,
  mesh: UvMesh,
  texture: ImageView,
  backend: Backend,
  options: FrontalViewOptions = {},
): ImageView {
  const { size = FRONTAL_VIEW_DEFAULTS.size, margin = FRONTAL_VIEW_DEFAULTS.margin, photograph } = options
  expect(Number.isInteger(size) && size >= 16 && size <= 4096, 'size', 'a whole number from 16 to 4096', size)
  expect(margin >= 0 && margin <= 0.4, 'margin', 'a number in [0, 0.4]', margin)
  checkUvMesh(mesh)
  checkFloats(vertices, (3 * mesh.uv.length) / 2, 'vertices')
  checkBackend(backend)
  const large = createImage(2 * size, 2 * size, 4)
  const placed = placeInSquare(vertices, 2 * size, margin)
  const target = createRenderTarget(large, [placed])
  backend.rasterize({ vertices: placed, triangles: mesh.triangles }, target)
  renderTextured(large, placed, mesh, texture, backend, { target })
  if (photograph) showThroughHoles(large, placed, mesh, target, photograph)
  return halved(large)
}

/**
 * Paints what the mesh surrounds but does not cover with what the photograph has there: teeth between lips. Where the head turns that away,
 * the other half of the opening stands in.
 */
function showThroughHoles(
  view: ImageView,
  placed: Float32Array,
  { triangles }: UvMesh,
  target: RenderTarget,
  photograph: MeshInPhotograph,
): void {
  const { image } = photograph
  checkImage(image, 'photograph')
  checkFloats(photograph.vertices, placed.length, "the photograph's vertices")
  const holes = enclosedByMesh(target)
  if (!holes.includes(1)) return
  const { x: left, y: top, width, height } = target
  // Where in the photograph a pixel's skin is; between the lips the places go on smoothly.
  const places = new Float32Array(2 * width * height)
  const known = new Float32Array(width * height)
  eachPhotographPlace(target, placed, triangles, 0, photograph, (i, x, y) => {
    known[i] = 1
    places[2 * i] = x
    places[2 * i + 1] = y
  })
  fillTexels(places, known, { width, height, channels: 2 }, holes)
  const colors = new Float32Array(3 * width * height)
  for (let i = 0; i < holes.length; i++)
    if (holes[i]) sampleBilinear(image, places[2 * i]!, places[2 * i + 1]!, colors, 3 * i)
  mirrorTurnedHalf(colors, holes, places, target)
  for (let i = 0; i < holes.length; i++) {
    if (!holes[i]) continue
    const at = 4 * ((Math.floor(i / width) + top) * view.width + (i % width) + left)
    for (let k = 0; k < 3; k++) view.data[at + k] = Math.floor(colors[3 * i + k]! + 0.5)
    view.data[at + 3] = 255
  }
}

/**
 * Gives the half of the holes that the head turns so far away that it is hardly wider than a line what the other half has, in place: there
 * the photograph shows lips or the background.
 */
function mirrorTurnedHalf(
  colors: Float32Array,
  holes: Uint8Array,
  places: Float32Array,
  { width, height }: RenderTarget,
): void {
  const columns = columnMeans(holes, places, width)
  const [first, last] = [columns.at(0)!, columns.at(-1)!]
  const middle = (first.column + last.column) / 2
  const centre = columns.find(({ column }) => column >= middle)!
  const distance = ({ x, y }: Place): number => Math.hypot(x - centre.x, y - centre.y)
  const [left, right] = [distance(first), distance(last)]
  if (Math.min(left, right) > TURNED * Math.max(left, right)) return
  const known = Float32Array.from(holes)
  for (let i = 0; i < holes.length; i++)
    if (holes[i] && i % width < middle === left < right && i % width !== middle) known[i] = 0
  const source = known.slice()
  for (let i = 0; i < holes.length; i++) {
    const mirrored = i + first.column + last.column - 2 * (i % width)
    if (!holes[i] || source[i] || !source[mirrored]) continue
    colors.copyWithin(3 * i, 3 * mirrored, 3 * mirrored + 3)
    known[i] = 1
  }
  // Halves differ in shape.
  fillTexels(colors, known, { width, height, channels: 3 }, holes)
}

interface Place {
  readonly column: number
  readonly x: number
  readonly y: number
}

/** Columns of a view that have holes, from the left, and the means of where in the photograph these are. */
function columnMeans(holes: Uint8Array, places: Float32Array, width: number): Place[] {
  const sums = Array.from({ length: width }, () => ({ x: 0, y: 0, count: 0 }))
  for (let i = 0; i < holes.length; i++) {
    if (!holes[i]) continue
    const sum = sums[i % width]!
    sum.x += places[2 * i]!
    sum.y += places[2 * i + 1]!
    sum.count++
  }
  return sums.flatMap(({ x, y, count }, column) => (count > 0 ? [{ column, x: x / count, y: y / count }] : []))
}

/** Vertices [3n] scaled and moved so that their bounding box lies in the middle of a square of `size` pixels; z keeps its proportion. */
export function placeInSquare(vertices: Float32Array, size: number, margin: number): Float32Array {
  const { low, high } = spatialBounds(vertices)
  const extent = Math.max(high[0]! - low[0]!, high[1]! - low[1]!)
  expect(extent > 0 && extent < Infinity, 'vertices', 'points with some extent', extent)
  const scale = (size * (1 - 2 * margin)) / extent
  // Pixels are at their centres: the middle of the square is at (size - 1) / 2.
  const middle = (axis: number): number => (size - 1) / 2 - (scale * (low[axis]! + high[axis]!)) / 2
  const shift = [middle(0), middle(1), -scale * low[2]!]
  return vertices.map((value, i) => scale * value + shift[i % 3]!)
}

/** Means of 2 x 2 pixels; what is transparent lends no colour. */
function halved({ data, width, height }: ImageView): ImageView {
  const out = createImage(width / 2, height / 2, 4)
  const steps = [0, 4, 4 * width, 4 * width + 4]
  for (let y = 0; y < out.height; y++)
    for (let x = 0; x < out.width; x++) {
      const from = 4 * (2 * y * width + 2 * x)
      const at = 4 * (y * out.width + x)
      let alpha = 0
      for (const step of steps) alpha += data[from + step + 3]!
      out.data[at + 3] = alpha / 4 + 0.5
      if (alpha === 0) continue
      for (let k = 0; k < 3; k++) {
        let sum = 0
        for (const step of steps) sum += data[from + step + k]! * data[from + step + 3]!
        out.data[at + k] = sum / alpha + 0.5
      }
    }
  return out
}
