/** Layout of a picture of floats: rows from the top, channels together. */
export interface TexelGrid {
  readonly width: number
  readonly height: number
  readonly channels: number
}

/**
 * Fills what is not known of a picture of floats from what is, smoothly: means of ever larger neighbourhoods, coarsest
 * where the known lies far away. In place. Source: the push-pull of Gortler et al., "The Lumigraph", 1996.
 * @param values [height][width][channels]
 * @param known [height][width] 0 to be filled, else how much the texel counts (up to 1)
 * @param wanted [height][width] 0 where no value is needed; all unless given
 */
export function fillTexels(
  values: Float32Array,
  known: Float32Array,
  { width, height, channels }: TexelGrid,
  wanted?: Uint8Array,
): void {
  if (width * height <= 1) return
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1, channels }
  const { coarse, weights } = shrink(values, known, width, height, half)
  if (!weights.some((weight) => weight > 0)) return
  fillTexels(coarse, weights, half)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const t = y * width + x
      if (known[t]! >= 1 || (wanted && wanted[t] === 0)) continue
      blendIn(values, t, coarse, half, x, y, known[t]!)
    }
}

/** Weighted means of 2 x 2 texels; a coarse texel counts fully as soon as one of its four does. */
function shrink(
  values: Float32Array,
  known: Float32Array,
  width: number,
  height: number,
  half: TexelGrid,
): { coarse: Float32Array; weights: Float32Array } {
  const { channels } = half
  const coarse = new Float32Array(half.width * half.height * channels)
  const weights = new Float32Array(half.width * half.height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const w = known[y * width + x]!
      if (w === 0) continue
      const to = (y >> 1) * half.width + (x >> 1)
      weights[to]! += w
      for (let k = 0; k < channels; k++) coarse[to * channels + k]! += w * values[(y * width + x) * channels + k]!
    }
  for (let t = 0; t < weights.length; t++) {
    if (weights[t] === 0) continue
    for (let k = 0; k < channels; k++) coarse[t * channels + k]! /= weights[t]!
    weights[t] = Math.min(1, weights[t]!)
  }
  return { coarse, weights }
}

/** The share of a texel that is not known comes bilinearly from the coarser picture. */
function blendIn(
  values: Float32Array,
  t: number,
  coarse: Float32Array,
  { width, height, channels }: TexelGrid,
  x: number,
  y: number,
  known: number,
): void {
  const cx = Math.max(0, Math.min(width - 1, (x - 0.5) / 2))
  const cy = Math.max(0, Math.min(height - 1, (y - 0.5) / 2))
  const x0 = Math.min(Math.floor(cx), Math.max(0, width - 2))
  const y0 = Math.min(Math.floor(cy), Math.max(0, height - 2))
  const [fx, fy] = [cx - x0, cy - y0]
  const right = width > 1 ? channels : 0
  const below = height > 1 ? width * channels : 0
  for (let k = 0; k < channels; k++) {
    const at = (y0 * width + x0) * channels + k
    const upper = coarse[at]! + (coarse[at + right]! - coarse[at]!) * fx
    const lower = coarse[at + below]! + (coarse[at + below + right]! - coarse[at + below]!) * fx
    const v = t * channels + k
    values[v] = known * values[v]! + (1 - known) * (upper + (lower - upper) * fy)
  }
}
