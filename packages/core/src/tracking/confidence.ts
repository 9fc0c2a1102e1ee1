import type { Roi } from '../roi.ts'
import { overlap } from './overlap.ts'

/** How likely it is that `params` describe a face, in [0, 1]. */
export function faceConfidence(crop: Roi, found: Roi): number {
  return overlap(crop, found)
}
