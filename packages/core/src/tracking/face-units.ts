import type { MorphableModel } from '../model.ts'

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
  const anchor = new Float64Array(3)
  const low = [Infinity, Infinity]
  const high = [-Infinity, -Infinity]
  for (const vertex of landmarks)
    for (let axis = 0; axis < 3; axis++) {
      const value = mean[3 * vertex + axis]!
      anchor[axis]! += value / landmarks.length
      if (axis === 2) continue
      low[axis] = Math.min(low[axis]!, value)
      high[axis] = Math.max(high[axis]!, value)
    }
  const size = Math.max(high[0]! - low[0]!, high[1]! - low[1]!)
  const sensitivity = Float64Array.from({ length: basis.length / (3 * n) }, (_, k) => {
    let sum = 0
    for (const vertex of landmarks) for (let axis = 0; axis < 3; axis++) sum += basis[3 * (k * n + vertex) + axis]! ** 2
    return Math.sqrt(sum / landmarks.length) / size
  })
  return { anchor, size, sensitivity }
}
