import { checkFloats } from './arrays.ts'
import type { DecodeFrame } from './backend.ts'
import type { FaceParams, MorphableModel } from './model.ts'

/**
 * Decodes just the 68 landmarks: the rows of the model's basis that belong to them, copied once, so that sparse use never
 * touches the dense basis. Double precision.
 */
export class SparseDecoder {
  readonly #mean: Float64Array
  readonly #basis: Float64Array
  readonly #shapeCount: number
  readonly #expressionCount: number

  constructor(model: MorphableModel) {
    const { landmarks, vertexCount: n } = model
    const size = 3 * landmarks.length
    const components = model.shapeCount + model.expressionCount
    this.#shapeCount = model.shapeCount
    this.#expressionCount = model.expressionCount
    this.#mean = new Float64Array(size)
    this.#basis = new Float64Array(size * components)
    for (let i = 0; i < size; i++) {
      const at = 3 * landmarks[Math.floor(i / 3)]! + (i % 3)
      this.#mean[i] = model.mean[at]!
      for (let k = 0; k < components; k++) this.#basis[i * components + k] = model.basis[k * 3 * n + at]!
    }
  }

  /**
   * [204] x y z of the 68 landmarks in picture pixels; smallest z 0 (of the 68, as in the reference).
   * @throws {InvalidInputError} when the parameters are not of the model.
   */
  decode(params: FaceParams, { roi, inputSize }: DecodeFrame): Float32Array {
    checkFloats(params.camera, 12, 'params.camera')
    checkFloats(params.shape, this.#shapeCount, 'params.shape')
    checkFloats(params.expression, this.#expressionCount, 'params.expression')
    const points = this.#modelPoints(params)
    const c = params.camera
    const sx = (roi.x2 - roi.x1) / inputSize
    const sy = (roi.y2 - roi.y1) / inputSize
    const sz = (sx + sy) / 2
    const out = new Float32Array(points.length)
    let minZ = Infinity
    for (let i = 0; i < points.length; i += 3) {
      const x = points[i]!
      const y = points[i + 1]!
      const z = points[i + 2]!
      // The networks were trained on 1-based, y-up coordinates (MATLAB's).
      out[i] = (c[0]! * x + c[1]! * y + c[2]! * z + c[3]! - 1) * sx + roi.x1
      out[i + 1] = (inputSize - (c[4]! * x + c[5]! * y + c[6]! * z + c[7]!)) * sy + roi.y1
      out[i + 2] = (c[8]! * x + c[9]! * y + c[10]! * z + c[11]! - 1) * sz
      if (out[i + 2]! < minZ) minZ = out[i + 2]!
    }
    for (let i = 2; i < out.length; i += 3) out[i]! -= minZ
    return out
  }

  #modelPoints({ shape, expression }: FaceParams): Float64Array {
    const coefficients = Float64Array.of(...shape, ...expression)
    const count = coefficients.length
    const basis = this.#basis
    const points = this.#mean.slice()
    // Plain loops over local names: closures and fields here cost three times as much.
    for (let i = 0, row = 0; i < points.length; i++, row += count) {
      let sum = points[i]!
      for (let k = 0; k < count; k++) sum += basis[row + k]! * coefficients[k]!
      points[i] = sum
    }
    return points
  }
}
