import type { DecodeFrame } from '../backend.ts'
import { checkDecode } from '../backend-arguments.ts'
import type { FaceParams, MorphableModel } from '../model.ts'

/**
 * Dense vertices [3n] in picture pixels: camera * (mean + basis * coefficients), from the network's 1-based, y-up
 * coordinates to the picture, smallest z 0. Source: 3DDFA_V2 `recon_vers` and `similar_transform`.
 */
export function decode(
  model: MorphableModel,
  params: FaceParams,
  frame: DecodeFrame,
  result: Float32Array,
): Float32Array {
  checkDecode(model, params, frame, result)
  const { roi, inputSize } = frame
  const size = 3 * model.vertexCount
  const points = modelPoints(model, params)
  const c = params.camera
  const sx = (roi.x2 - roi.x1) / inputSize
  const sy = (roi.y2 - roi.y1) / inputSize
  const sz = (sx + sy) / 2
  let minZ = Infinity
  for (let i = 0; i < size; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!]
    result[i] = (c[0]! * x + c[1]! * y + c[2]! * z + c[3]! - 1) * sx + roi.x1
    result[i + 1] = (inputSize - (c[4]! * x + c[5]! * y + c[6]! * z + c[7]!)) * sy + roi.y1
    result[i + 2] = (c[8]! * x + c[9]! * y + c[10]! * z + c[11]! - 1) * sz
    // Not Math.min: one coordinate that is no number would make all so.
    if (result[i + 2]! < minZ) minZ = result[i + 2]!
  }
  for (let i = 2; i < size; i += 3) result[i] = result[i]! - minZ
  return result
}

function modelPoints(model: MorphableModel, { shape, expression }: FaceParams): Float64Array {
  const points = Float64Array.from(model.mean)
  const size = points.length
  const coefficients = [...shape, ...expression]
  coefficients.forEach((coefficient, k) => {
    const component = model.basis.subarray(k * size, (k + 1) * size)
    for (let i = 0; i < size; i++) points[i]! += component[i]! * coefficient
  })
  return points
}
