import type { FaceBox, FaceDetector, ImageView, Session, Tensor } from '@3ddfa/core'
import { type DetectionLimits, expectCount, findFaces, type Overrides, resolveLimits } from './find-faces.ts'
import { type Fit, fitRegion } from './fit.ts'
import { readFloats } from './outputs.ts'
import type { InputSize } from './priors.ts'
import { rankAbove } from './rank.ts'
import { type DetectorResources, SessionDetector } from './session-detector.ts'

/** Thresholds and limits of detectors whose network answers for each cell of three strides. */
export interface CellSettings extends DetectionLimits {
  /** A picture whose longer side is larger is scaled down to this, pixels; smaller is faster and misses smaller faces. */
  readonly maxSize: number
}

/** Options of such a detector. */
export type CellOptions = Overrides<CellSettings> & DetectorResources

const STRIDES = [8, 16, 32] as const

/** Both sides of the input are multiples of the largest stride. */
const ALIGNMENT = 32

/**
 * A detector over a network that takes any multiple of 32 and gives, for the strides S of 8, 16 and 32, `cls_S` and `obj_S`
 * [1, n, 1], whose geometric mean is the score, and `bbox_S` [1, n, 4].
 * @throws {InvalidInputError} when the network is another one or an option is out of range
 */
export function createCellDetector(
  id: string,
  session: Session,
  options: CellOptions,
  defaults: CellSettings,
): FaceDetector {
  const settings = resolveLimits(options, defaults)
  expectCount(settings.maxSize, 'maxSize')
  const recipe = {
    id,
    outputs: STRIDES.flatMap((stride) => [`cls_${stride}`, `obj_${stride}`, `bbox_${stride}`]),
    fit: (image: ImageView) => fitCells(image, settings.maxSize),
    read: (outputs: Record<string, Tensor>, fit: Fit) => readCells(outputs, fit, settings),
  }
  return new SessionDetector(session, recipe, options)
}

/** Scales down to fit `maxSize`, then pads with black at the right and below; the aspect ratio stays. */
export function fitCells(image: InputSize, maxSize: number): Fit {
  const longest = Math.max(image.width, image.height)
  const scale = Math.min(1, maxSize / longest)
  // Not by `scale`: a rounded product may lie just above a multiple.
  const scaled = (side: number): number => (longest > maxSize ? (side * maxSize) / longest : side)
  const align = (side: number): number => Math.ceil(scaled(side) / ALIGNMENT) * ALIGNMENT
  const input = { width: align(image.width), height: align(image.height) }
  return fitRegion(Math.round(input.width / scale), Math.round(input.height / scale), input)
}

/** The cells of one stride, row by row; `start` is its first cell's index among those of all strides. */
interface Level {
  readonly stride: number
  readonly columns: number
  readonly count: number
  readonly start: number
}

function layOut(input: InputSize): Level[] {
  let start = 0
  return STRIDES.map((stride) => {
    const columns = input.width / stride
    const level = { stride, columns, count: columns * (input.height / stride), start }
    start += level.count
    return level
  })
}

function readCells(outputs: Record<string, Tensor>, fit: Fit, settings: CellSettings): FaceBox[] {
  const levels = layOut(fit)
  const scores = readScores(outputs, levels)
  const indices = rankAbove(scores, settings.scoreThreshold, settings.maxCandidates)
  const boxes = decodeCells(outputs, levels, indices, fit)
  return findFaces(boxes, (position) => scores[indices[position]!]!, settings, 0)
}

/** The geometric mean of "is a face" and "lies in this cell", for the cells of all strides. */
function readScores(outputs: Record<string, Tensor>, levels: readonly Level[]): Float32Array {
  const last = levels.at(-1)!
  const scores = new Float32Array(last.start + last.count)
  for (const { stride, count, start } of levels) {
    const classes = readFloats(outputs, `cls_${stride}`, count)
    const objects = readFloats(outputs, `obj_${stride}`, count)
    for (let i = 0; i < count; i++) scores[start + i] = Math.sqrt(clamp(classes[i]!) * clamp(objects[i]!))
  }
  return scores
}

/**
 * Boxes [4n] in picture pixels: a cell tells its box's centre from the cell's corner and the logarithm of its size, in strides.
 * Source: OpenCV modules/objdetect/src/face_detect.cpp, `postProcess`.
 */
function decodeCells(
  outputs: Record<string, Tensor>,
  levels: readonly Level[],
  indices: Uint32Array,
  { scaleX, scaleY }: Fit,
): Float32Array {
  const boxes = new Float32Array(4 * indices.length)
  const shapes = levels.map(({ stride, count }) => readFloats(outputs, `bbox_${stride}`, 4 * count))
  indices.forEach((index, position) => {
    const which = levels.findLastIndex(({ start }) => index >= start)
    const { stride, columns, start } = levels[which]!
    const cell = index - start
    const [x, y, width, height] = shapes[which]!.subarray(4 * cell)
    const halfWidth = Math.exp(width!) / 2
    const halfHeight = Math.exp(height!) / 2
    const centreX = (cell % columns) + x!
    const centreY = Math.floor(cell / columns) + y!
    boxes[4 * position] = (centreX - halfWidth) * stride * scaleX
    boxes[4 * position + 1] = (centreY - halfHeight) * stride * scaleY
    boxes[4 * position + 2] = (centreX + halfWidth) * stride * scaleX
    boxes[4 * position + 3] = (centreY + halfHeight) * stride * scaleY
  })
  return boxes
}

function clamp(probability: number): number {
  return Math.min(1, Math.max(0, probability))
}
