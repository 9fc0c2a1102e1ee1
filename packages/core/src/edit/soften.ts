import { boxMeans } from '../texture/box-means.ts'

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
  for (let pass = 0; pass < PASSES; pass++) means = boxMeans(means, columns, rows, radius)
  for (let i = 0; i < means.length; i++) out[at(i)] = Math.min(1, Math.max(0, (means[i]! - NONE) / (ALL - NONE)))
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
