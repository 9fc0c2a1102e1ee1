import type { ImageView } from '../image.ts'
import { sampleBilinear } from './sample.ts'

/** The inner lips of the 68 iBUG points. */
export const INNER_LIPS = [60, 68] as const
/** Of these, the upper lip from corner to corner, and what lies opposite. */
export const UPPER = [0, 1, 2, 3, 4] as const
const LOWER = [0, 7, 6, 5, 4] as const
/** Below the nose, and the chin: what lips apart are measured by. */
const [NOSE, CHIN] = [33, 8]
/** Inner lips of a closed mouth are up to this share of it apart, and show themselves; from PARTED more on it is an open one. */
const CLOSED = 0.1
const PARTED = 0.05
/** Light inside of a mouth as a share of that on the lips. */
const INSIDE = 0.22

interface Mesh {
  readonly landmarks: Uint32Array
}

/** How far the lips ([3n] vertices in a picture) are apart, corner to corner, in pixels. */
export function lipGaps(vertices: Float32Array, { landmarks }: Mesh): number[] {
  const lips = landmarks.subarray(...INNER_LIPS)
  return UPPER.map((upper, i) => distance(vertices, lips[upper]!, lips[LOWER[i]!]!))
}

/** [0, 1] how surely a gap between lips grew wide enough to be seen, by the face's size. */
export function parting(gap: number, vertices: Float32Array, { landmarks }: Mesh): number {
  return unit(gap / distance(vertices, landmarks[NOSE]!, landmarks[CHIN]!) / PARTED)
}

/** [0, 1] 1 where one sees between the lips, 0 where the mouth is closed. */
export function openness(vertices: Float32Array, { landmarks }: Mesh): number {
  const height = distance(vertices, landmarks[NOSE]!, landmarks[CHIN]!)
  return unit((Math.max(...lipGaps(vertices, { landmarks })) / height - CLOSED) / PARTED)
}

/** [3] RGB that is taken for the inside of a mouth which the picture does not show: that along the lips in little light. */
export function insideColor(image: ImageView, vertices: Float32Array, mesh: Mesh): number[] {
  return lipColor(image, vertices, mesh).map((value) => INSIDE * value)
}

/** [3] RGB along the inner lips. */
export function lipColor(image: ImageView, vertices: Float32Array, { landmarks }: Mesh): number[] {
  const sum = [0, 0, 0]
  const color = new Float32Array(3)
  const lips = landmarks.subarray(...INNER_LIPS)
  for (const vertex of lips) {
    sampleBilinear(image, vertices[3 * vertex]!, vertices[3 * vertex + 1]!, color, 0)
    for (let k = 0; k < 3; k++) sum[k]! += color[k]! / lips.length
  }
  return sum
}

/** Of two vertices in the picture. */
function distance(v: Float32Array, a: number, b: number): number {
  return Math.hypot(v[3 * a]! - v[3 * b]!, v[3 * a + 1]! - v[3 * b + 1]!)
}

/** Held within [0, 1]. */
export const unit = (value: number): number => Math.max(0, Math.min(1, value))
