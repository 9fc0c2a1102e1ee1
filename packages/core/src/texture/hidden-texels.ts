import { fillTexels } from './fill-texels.ts'

/** What becomes of texels whose skin the photograph does not show. */
export type HiddenTexels =
  /** They take what lies in front of them, as the reference does. */
  | 'keep'
  /**
   * They take the other half of the face where that is seen, its light brought in line with this half's at the seam, and are
   * filled where it is not.
   */
  | 'mirror'
  /** They are filled smoothly from the seen skin around them. */
  | 'fill'
  /** They stay black. */
  | 'cut'

/**
 * Replaces the hidden texels of a texture, in place.
 * @param values [3 size^2] RGB
 * @param inside [size^2] not negative where the chart is
 * @param seen [size^2] 1 where the photograph shows the skin
 */
export function replaceHidden(
  values: Float32Array,
  size: number,
  inside: ArrayLike<number>,
  seen: Uint8Array,
  how: Exclude<HiddenTexels, 'keep'>,
): void {
  if (how === 'cut') {
    cut(values, seen)
    return
  }
  const known = Float32Array.from(seen)
  if (how === 'mirror') mirror(values, size, known)
  fillTexels(values, known, { width: size, height: size, channels: 3 }, insideOf(inside))
}

function cut(values: Float32Array, seen: Uint8Array): void {
  for (let t = 0; t < seen.length; t++) if (!seen[t]) values.fill(0, 3 * t, 3 * t + 3)
}

function insideOf(ids: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(ids, (id) => (id >= 0 ? 1 : 0))
}

/** Takes hidden texels over from their mirror images across u = 0.5 and marks them as known. */
function mirror(values: Float32Array, size: number, known: Float32Array): void {
  const seen = Float32Array.from(known)
  const offsets = lightOffsets(values, size, seen)
  const source = values.slice()
  for (let t = 0; t < seen.length; t++) {
    const other = t - (t % size) + size - 1 - (t % size)
    if (seen[t] || !seen[other]) continue
    known[t] = 1
    for (let k = 0; k < 3; k++)
      values[3 * t + k] = Math.max(0, Math.min(255, source[3 * other + k]! + offsets[3 * t + k]!))
  }
}

/**
 * [3 size^2] how much brighter each texel is than its mirror image, known where both are seen, and carried on smoothly from
 * there: what mirrored skin needs to have no seam.
 */
function lightOffsets(values: Float32Array, size: number, seen: Float32Array): Float32Array {
  const offsets = new Float32Array(values.length)
  const known = new Float32Array(seen.length)
  for (let t = 0; t < seen.length; t++) {
    const other = t - (t % size) + size - 1 - (t % size)
    if (!seen[t] || !seen[other]) continue
    known[t] = 1
    for (let k = 0; k < 3; k++) offsets[3 * t + k] = values[3 * t + k]! - values[3 * other + k]!
  }
  fillTexels(offsets, known, { width: size, height: size, channels: 3 })
  return offsets
}
