/** A mean of ones and zeros is 0 up to here and 1 from there on: in between, and with that shifted outwards, thin ends of a shape stay. */
const [NONE, ALL] = [0.2, 0.6]
/** Passes of a box of means: nearly a Gaussian. */
const PASSES = 3

/**
 * [width * height] from 0 to 1: a shape of ones whose corners are rounded and whose outline is spread over some pixels, those of a
 * Gaussian of about `radius`.
 */
export function soften(shape: Uint8Array, width: number, radius: number): Float32Array {
  const out = new Float32Array(shape.length)
  const window = windowOf(shape, width, PASSES * radius + 1)
  if (!window) return out
  const { left, top, columns, rows } = window
  let means: Float32Array<ArrayBuffer> = new Float32Array(columns * rows)
  const at = (i: number): number => (top + Math.floor(i / columns)) * width + left + (i % columns)
  for (let i = 0; i < means.length; i++) means[i] = shape[at(i)]!
  for (let pass = 0; pass < PASSES; pass++) {
    means = boxMeans(means, columns, rows, 1, columns, radius)
    means = boxMeans(means, rows, columns, columns, 1, radius)
  }
  for (let i = 0; i < means.length; i++) out[at(i)] = Math.min(1, Math.max(0, (means[i]! - NONE) / (ALL - NONE)))
  return out
}

/** The means of 2 * radius + 1 numbers along each of `lines` lines of `count` numbers; a line goes on beyond its ends as it is there. */
function boxMeans(
  values: Float32Array,
  count: number,
  lines: number,
  step: number,
  nextLine: number,
  radius: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length)
  for (let line = 0; line < lines; line++) {
    const at = (i: number): number => line * nextLine + Math.max(0, Math.min(count - 1, i)) * step
    let sum = 0
    for (let i = -radius; i < radius; i++) sum += values[at(i)]!
    for (let i = 0; i < count; i++) {
      sum += values[at(i + radius)]!
      out[at(i)] = sum / (2 * radius + 1)
      sum -= values[at(i - radius)]!
    }
  }
  return out
}

/** The part of a picture where the shape is, with a margin; undefined where it is nowhere. */
function windowOf(
  shape: Uint8Array,
  width: number,
  margin: number,
): { left: number; top: number; columns: number; rows: number } | undefined {
  const height = shape.length / width
  let [x1, y1, x2, y2] = [width, height, -1, -1]
  for (let i = 0; i < shape.length; i++) {
    if (!shape[i]) continue
    const [x, y] = [i % width, Math.floor(i / width)]
    ;[x1, y1, x2, y2] = [Math.min(x1, x), Math.min(y1, y), Math.max(x2, x), Math.max(y2, y)]
  }
  if (x2 < 0) return undefined
  const [left, top] = [Math.max(0, x1 - margin), Math.max(0, y1 - margin)]
  return {
    left,
    top,
    columns: Math.min(width, x2 + margin + 1) - left,
    rows: Math.min(height, y2 + margin + 1) - top,
  }
}
