import { solveSymmetric } from './fit/solve-symmetric.ts'
import type { ImageView } from './image.ts'
import type { MorphableModel } from './model.ts'

/** Vertices that the map is fitted on: many times more equations than coefficients, found in some 0.1 s. */
const SAMPLES = 256
/** The right half of the 68 iBUG points, and what lies opposite to it. */
const OPPOSITE: readonly (readonly [number, number])[] = [
  ...pairs(0, 16, 8),
  ...pairs(17, 26, 5),
  ...pairs(36, 45, 4),
  ...pairs(31, 35, 2),
  ...pairs(48, 54, 3),
]

/** `picture` seen in a mirror, left to right. */
export function mirrorImage({ data, width, height, channels }: ImageView): ImageView {
  const out = new Uint8Array(data.length)
  const row = width * channels
  for (let at = 0; at < height * row; at += row)
    for (let x = 0; x < row; x += channels)
      for (let k = 0; k < channels; k++) out[at + row - channels - x + k] = data[at + x + k]!
  return { data: out, width, height, channels }
}

/**
 * From the parameters of a face to those of its mirror image. A camera mirrors exactly. The shapes of a face model are those of
 * people, who are not quite symmetric: of a mirrored shape the nearest one is taken that the model can say (least squares over
 * vertices and their opposites; shape and expression each for itself).
 */
export class ParamMirror {
  /** x of the model's plane of symmetry. */
  readonly #plane: number
  readonly #shape: CoefficientMap
  readonly #expression: CoefficientMap

  constructor(model: MorphableModel) {
    const { mean, landmarks, shapeCount, expressionCount } = model
    this.#plane =
      OPPOSITE.reduce((sum, [a, b]) => sum + mean[3 * landmarks[a]!]! + mean[3 * landmarks[b]!]!, 0) /
      (2 * OPPOSITE.length)
    const opposites = findOpposites(model, this.#plane)
    this.#shape = fitMap(model, opposites, 0, shapeCount, this.#plane)
    this.#expression = fitMap(model, opposites, shapeCount, expressionCount)
  }

  /**
   * Parameters of the face that a crop shows, from those of the mirrored crop.
   * @param inputSize side of the crop
   * @param side side of the region that it was cut from, whole pixels
   */
  unmirror(params: Float32Array, inputSize: number, side: number): Float32Array {
    const out = Float32Array.from(params)
    const [c, plane] = [params, 2 * this.#plane]
    // x of the model counts the other way round (columns), and so does x of the crop (row 0).
    out.set([c[0]!, -c[1]!, -c[2]!, -c[0]! * plane - c[3]! + inputSize + 2 - inputSize / side], 0)
    out.set([-c[4]!, c[5]!, c[6]!, c[4]! * plane + c[7]!], 4)
    out.set([-c[8]!, c[9]!, c[10]!, c[8]! * plane + c[11]!], 8)
    const split = 12 + this.#shape.offset.length
    apply(this.#shape, params.subarray(12, split), out.subarray(12, split))
    apply(this.#expression, params.subarray(split), out.subarray(split))
    return out
  }
}

/** c -> matrix c + offset. */
interface CoefficientMap {
  /** [k][k] row-major. */
  readonly matrix: Float64Array
  readonly offset: Float64Array
}

function apply({ matrix, offset }: CoefficientMap, from: Float32Array, to: Float32Array): void {
  const k = offset.length
  for (let i = 0; i < k; i++) {
    let sum = offset[i]!
    for (let j = 0; j < k; j++) sum += matrix[i * k + j]! * from[j]!
    to[i] = sum
  }
}

function* pairs(first: number, last: number, count: number): Generator<readonly [number, number]> {
  for (let i = 0; i < count; i++) yield [first + i, last - i]
}

/** Sampled vertices, each with the one nearest to its mirror image: [v, opposite]. */
function findOpposites({ mean, vertexCount }: MorphableModel, plane: number): (readonly [number, number])[] {
  const step = Math.max(1, Math.floor(vertexCount / SAMPLES))
  return Array.from({ length: Math.ceil(vertexCount / step) }, (_, i) => {
    const vertex = i * step
    return [vertex, nearestVertex(mean, 2 * plane - mean[3 * vertex]!, mean[3 * vertex + 1]!, mean[3 * vertex + 2]!)]
  })
}

function nearestVertex(mean: Float32Array, x: number, y: number, z: number): number {
  let best = Infinity
  let nearest = 0
  for (let v = 0; v < mean.length; v += 3) {
    const dx = mean[v]! - x
    const dy = mean[v + 1]! - y
    const dz = mean[v + 2]! - z
    const distance = dx * dx + dy * dy + dz * dz
    if (distance < best) {
      best = distance
      nearest = v / 3
    }
  }
  return nearest
}

/**
 * Least squares over the samples: components `first` to `first + count`, so that B c' is the mirrored B c. With `plane` the part
 * of the mean's own asymmetry that the components can express goes into the offset.
 */
function fitMap(
  { mean, basis, vertexCount }: MorphableModel,
  opposites: readonly (readonly [number, number])[],
  first: number,
  count: number,
  plane?: number,
): CoefficientMap {
  const width = count + 1
  const gram = new Float64Array(count * count)
  const right = new Float64Array(count * width)
  const [own, mirrored] = [new Float64Array(count), new Float64Array(width)]
  for (const [vertex, opposite] of opposites)
    for (let axis = 0; axis < 3; axis++) {
      const sign = axis === 0 ? -1 : 1
      for (let k = 0; k < count; k++) {
        const row = 3 * vertexCount * (first + k) + axis
        own[k] = basis[row + 3 * vertex]!
        mirrored[k] = sign * basis[row + 3 * opposite]!
      }
      const shift = axis === 0 ? 2 * (plane ?? 0) : 0
      mirrored[count] = plane === undefined ? 0 : shift + sign * mean[3 * opposite + axis]! - mean[3 * vertex + axis]!
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < count; j++) gram[i * count + j]! += own[i]! * own[j]!
        for (let j = 0; j < width; j++) right[i * width + j]! += own[i]! * mirrored[j]!
      }
    }
  solveSymmetric(gram, right, count, width)
  return {
    matrix: Float64Array.from({ length: count * count }, (_, i) => right[Math.floor(i / count) * width + (i % count)]!),
    offset: Float64Array.from({ length: count }, (_, i) => right[i * width + count]!),
  }
}
