import { createImage, type ImageView } from './image.ts'
import type { Roi } from './roi.ts'

/**
 * PRNet's crop of `roi`, `size` x `size` RGB: the ROI's corners become the centres of the corner pixels, bilinear, black
 * outside of the picture. Source: PRNet `api.py` `process` (scikit-image's `estimate_transform` and `warp`); it keeps fractions
 * where this rounds to 8 bits.
 */
export function cropForPositionMap(image: ImageView, roi: Roi, size: number): ImageView {
  const crop = createImage(size, size)
  const columns = tapsAlong(roi.x1, roi.x2, size, image.width, image.channels)
  const rows = tapsAlong(roi.y1, roi.y2, size, image.height, image.width * image.channels)
  const { data } = image
  for (let y = 0, at = 0; y < size; y++) {
    const [top, bottom] = [rows.first[y]!, rows.second[y]!]
    const [wTop, wBottom] = [rows.firstWeight[y]!, rows.secondWeight[y]!]
    for (let x = 0; x < size; x++) {
      const [left, right] = [columns.first[x]!, columns.second[x]!]
      const [wLeft, wRight] = [columns.firstWeight[x]!, columns.secondWeight[x]!]
      for (let k = 0; k < 3; k++) {
        const upper = data[top + left + k]! * wLeft + data[top + right + k]! * wRight
        const lower = data[bottom + left + k]! * wLeft + data[bottom + right + k]! * wRight
        crop.data[at++] = upper * wTop + lower * wBottom + 0.5
      }
    }
  }
  return crop
}

/** The two pixels (as offsets) that each place along an axis lies between, with their weights: 0 outside of the picture. */
interface Taps {
  readonly first: Int32Array
  readonly second: Int32Array
  readonly firstWeight: Float64Array
  readonly secondWeight: Float64Array
}

function tapsAlong(from: number, to: number, size: number, length: number, stride: number): Taps {
  const taps: Taps = {
    first: new Int32Array(size),
    second: new Int32Array(size),
    firstWeight: new Float64Array(size),
    secondWeight: new Float64Array(size),
  }
  const isInside = (i: number): boolean => i >= 0 && i < length
  for (let i = 0; i < size; i++) {
    const place = from + ((to - from) * i) / (size - 1)
    const before = Math.floor(place)
    const rest = place - before
    if (isInside(before)) {
      taps.first[i] = before * stride
      taps.firstWeight[i] = 1 - rest
    }
    if (isInside(before + 1)) {
      taps.second[i] = (before + 1) * stride
      taps.secondWeight[i] = rest
    }
  }
  return taps
}
