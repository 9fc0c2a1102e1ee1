import { checkResample } from '../backend-arguments.ts'
import type { ImageView } from '../image.ts'
import type { Roi } from '../roi.ts'
import { roundHalfEven } from '../round-half-even.ts'

/**
 * Crop, zero padding and bilinear resize, bit for bit as OpenCV's `resize(INTER_LINEAR)` on 8 bits: weights in 11-bit fixed
 * point, a horizontal pass to 19 bits, and a vertical pass that truncates each row's share before it rounds the sum.
 * Source: OpenCV modules/imgproc/src/resize.cpp, HResizeLinear and VResizeLinear for uchar.
 */
export function resample(image: ImageView, roi: Roi, out: ImageView): void {
  checkResample(image, roi, out)
  const { x1, y1, x2, y2 } = roi
  const columns = horizontalTaps(x2 - x1, out.width, x1, image.width, image.channels)
  const rows = taps(y2 - y1, out.height)
  // The two source rows of an output row, resized horizontally; consecutive output rows mostly share them.
  const cache = [new Int32Array(3 * out.width), new Int32Array(3 * out.width)]
  const cached = [-1, -1]
  const row = (y: number): Int32Array => {
    const clipped = Math.max(0, Math.min(y2 - y1 - 1, y))
    const slot = clipped & 1
    if (cached[slot] !== clipped) {
      resizeRow(image, y1 + clipped, columns, cache[slot]!)
      cached[slot] = clipped
    }
    return cache[slot]!
  }
  for (let j = 0; j < out.height; j++) {
    const [upper, lower] = [row(rows.first[j]!), row(rows.first[j]! + 1)]
    blendRows(upper, lower, rows.weight0[j]!, rows.weight1[j]!, out.data, 3 * out.width * j)
  }
}

interface Taps {
  /** Left (upper) source index of each output sample; may be -1 or the last one. */
  readonly first: Int32Array
  /** 11-bit weights of that sample and the next. */
  readonly weight0: Int32Array
  readonly weight1: Int32Array
}

const ONE = 2048

function taps(source: number, target: number): Taps {
  const result = { first: new Int32Array(target), weight0: new Int32Array(target), weight1: new Int32Array(target) }
  const scale = 1 / (target / source)
  for (let i = 0; i < target; i++) {
    const at = Math.fround((i + 0.5) * scale - 0.5)
    const first = Math.floor(at)
    const fraction = Math.fround(at - first)
    result.first[i] = first
    result.weight0[i] = roundHalfEven(Math.fround(Math.fround(1 - fraction) * ONE))
    result.weight1[i] = roundHalfEven(Math.fround(fraction * ONE))
  }
  return result
}

/** Byte offsets within a source row (-1 outside the picture: zero padding) and weights, for each output column. */
interface ColumnTaps extends Taps {
  readonly second: Int32Array
}

function horizontalTaps(source: number, target: number, x1: number, width: number, channels: number): ColumnTaps {
  const { first, weight0, weight1 } = taps(source, target)
  const second = new Int32Array(target)
  const offset = (x: number): number => (x1 + x >= 0 && x1 + x < width ? (x1 + x) * channels : -1)
  for (let i = 0; i < target; i++) {
    // Past the region's own border the nearest column counts whole.
    const outside = first[i]! < 0 || first[i]! >= source - 1
    const left = Math.max(0, Math.min(source - 1, first[i]!))
    if (outside) {
      weight0[i] = ONE
      weight1[i] = 0
    }
    first[i] = offset(left)
    second[i] = offset(Math.min(source - 1, left + 1))
  }
  return { first, second, weight0, weight1 }
}

function resizeRow(image: ImageView, y: number, columns: ColumnTaps, out: Int32Array): void {
  if (y < 0 || y >= image.height) {
    out.fill(0)
    return
  }
  const { first, second, weight0, weight1 } = columns
  const { data } = image
  const base = y * image.width * image.channels
  for (let i = 0, o = 0; i < first.length; i++, o += 3) {
    const w0 = first[i]! < 0 ? 0 : weight0[i]!
    const w1 = second[i]! < 0 ? 0 : weight1[i]!
    const a = base + Math.max(0, first[i]!)
    const b = base + Math.max(0, second[i]!)
    out[o] = data[a]! * w0 + data[b]! * w1
    out[o + 1] = data[a + 1]! * w0 + data[b + 1]! * w1
    out[o + 2] = data[a + 2]! * w0 + data[b + 2]! * w1
  }
}

function blendRows(
  upper: Int32Array,
  lower: Int32Array,
  w0: number,
  w1: number,
  out: Uint8Array | Uint8ClampedArray,
  at: number,
): void {
  for (let i = 0; i < upper.length; i++)
    out[at + i] = ((((upper[i]! >> 4) * w0) >> 16) + (((lower[i]! >> 4) * w1) >> 16) + 2) >> 2
}
