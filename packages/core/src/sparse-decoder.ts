import type { DecodeFrame } from './backend.ts'
import type { FaceParams, MorphableModel } from './model.ts'

/**
 * Decodes just the 68 landmarks: the rows of the model's basis that belong to them, copied once, so that sparse use never
 * touches the dense basis. Double precision.
 */
export class SparseDecoder {
  readonly #mean: Float64Array
  readonly #basis: Float64Array

  constructor(model: MorphableModel) {
    const { landmarks, vertexCount: n } = model
    const size = 3 * landmarks.length
    const components = model.shapeCount + model.expressionCount
    this.#mean = new Float64Array(size)
    this.#basis = new Float64Array(size * components)
    for (let i = 0; i < size; i++) {
      const at = 3 * landmarks[Math.floor(i / 3)]! + (i % 3)
      this.#mean[i] = model.mean[at]!
      for (let k = 0; k < components; k++) this.#basis[i * components + k] = model.basis[k * 3 * n + at]!
    }
  }

  /** [204] x y z of the 68 landmarks in picture pixels; smallest z 0 (of the 68, as in the reference). */
  decode(params: FaceParams, { roi, inputSize }: DecodeFrame): Float32Array {
    const points = this.#modelPoints(params)
    const c = params.camera
    const sx = (roi.x2 - roi.x1) / inputSize
    const sy = (roi.y2 - roi.y1) / inputSize
    const sz = (sx + sy) / 2
    const out = new Float32Array(points.length)
    let minZ = Infinity
    for (let i = 0; i < points.length; i += 3) {
      const row = (r: number): number =>
        c[r]! * points[i]! + c[r + 1]! * points[i + 1]! + c[r + 2]! * points[i + 2]! + c[r + 3]!
      // The networks were trained on 1-based, y-up coordinates (MATLAB's).
      out[i] = (row(0) - 1) * sx + roi.x1
      out[i + 1] = (inputSize - row(4)) * sy + roi.y1
      out[i + 2] = (row(8) - 1) * sz
      minZ = Math.min(minZ, out[i + 2]!)
    }
    for (let i = 2; i < out.length; i += 3) out[i]! -= minZ
    return out
  }

  #modelPoints({ shape, expression }: FaceParams): Float64Array {
    const coefficients = Float64Array.of(...shape, ...expression)
    const basis = this.#basis
    return this.#mean.map((mean, i) => {
      let sum = mean
      const row = i * coefficients.length
      for (let k = 0; k < coefficients.length; k++) sum += basis[row + k]! * coefficients[k]!
      return sum
    })
  }
}
