import { faceSize } from '../bounds.ts'
import type { MorphableModel } from '../model.ts'
import { pickLandmarks } from '../position-map/position-map.ts'

/** A model's own measures, which make speeds comparable. */
export interface FaceUnits {
  /** Mean of the 68 landmarks of the mean face: where a face is said to be. */
  readonly anchor: Float64Array
  /** Larger side of their bounding box, model units: the size of a face. */
  readonly size: number
  /** RMS movement of the landmarks in face sizes when a coefficient grows by 1; shape first, then expression. */
  readonly sensitivity: Float64Array
}

export function faceUnits(model: MorphableModel): FaceUnits {
  const { landmarks, mean, basis, vertexCount: n } = model
  const points = pickLandmarks(model, mean)
  const anchor = new Float64Array(3)
  points.forEach((value, i) => {
    anchor[i % 3]! += value / landmarks.length
  })
  const size = faceSize(points)
  const sensitivity = Float64Array.from({ length: basis.length / (3 * n) }, (_, k) => {
    let sum = 0
    for (const vertex of landmarks) for (let axis = 0; axis < 3; axis++) sum += basis[3 * (k * n + vertex) + axis]! ** 2
    return Math.sqrt(sum / landmarks.length) / size
  })
  return { anchor, size, sensitivity }
}
