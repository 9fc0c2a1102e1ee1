import type { Fit } from './fit.ts'

/** SSD's variances: offsets of centres and sizes are learnt divided by these. */
const CENTRE_VARIANCE = 0.1
const SIZE_VARIANCE = 0.2

/**
 * Boxes [4n] x1 y1 x2 y2 in picture pixels of the priors named by `indices`, from a network's offsets [4A].
 * Source: SSD (Liu et al., ECCV 2016), section 2.2.
 */
export function decodeOffsets(
  offsets: Float32Array,
  priors: Float32Array,
  indices: Uint32Array,
  { scaleX, scaleY }: Fit,
): Float32Array {
  const boxes = new Float32Array(4 * indices.length)
  for (let i = 0; i < indices.length; i++) {
    const at = 4 * indices[i]!
    const width = priors[at + 2]! * Math.exp(SIZE_VARIANCE * offsets[at + 2]!)
    const height = priors[at + 3]! * Math.exp(SIZE_VARIANCE * offsets[at + 3]!)
    const x1 = priors[at]! + CENTRE_VARIANCE * offsets[at]! * priors[at + 2]! - width / 2
    const y1 = priors[at + 1]! + CENTRE_VARIANCE * offsets[at + 1]! * priors[at + 3]! - height / 2
    boxes[4 * i] = x1 * scaleX
    boxes[4 * i + 1] = y1 * scaleY
    boxes[4 * i + 2] = (x1 + width) * scaleX
    boxes[4 * i + 3] = (y1 + height) * scaleY
  }
  return boxes
}
