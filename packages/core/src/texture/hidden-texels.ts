import { fillTexels } from './fill-texels.ts'

export const HIDDEN_TEXELS = ['keep', 'mirror', 'fill', 'cut'] as const

/**
 * What becomes of texels whose skin the photograph does not show:
 * - `keep`: they take what lies in front of them, as the reference does.
 * - `mirror`: they take the other half of the face where that is seen, its light brought in line with this half's at the seam,
 *   and are filled where it is not.
 * - `fill`: they are filled smoothly from the seen skin around them.
 * - `cut`: they stay black.
 */
export type HiddenTexels = (typeof HIDDEN_TEXELS)[number]

/**
 * Replaces the hidden texels of a texture, in place.
 * @param values [3 size^2] RGB
 * @param inside [size^2] not negative where the chart is
 * @param seen [size^2] how well the photograph shows the skin, 0 to 1 (`seenTexels`)
 */
export function replaceHidden(
  values: Float32Array,
  size: number,
  inside: ArrayLike<number>,
  seen: Float32Array,
  how: Exclude<HiddenTexels, 'keep'>,
): void {
  if (how === 'cut') {
    for (let t = 0; t < seen.length; t++) if (seen[t] === 0) values.fill(0, 3 * t, 3 * t + 3)
    return
  }
  const known = how === 'mirror' ? mirror(values, size, seen) : seen
  fill(values, size, inside, known)
}

/** In place. What is badly known lends little to what is filled, but is kept where it is: it is sharper than any filling. */
function fill(values: Float32Array, size: number, inside: ArrayLike<number>, known: Float32Array): void {
  const filled = values.slice()
  const wanted = new Uint8Array(known.length)
  for (let t = 0; t < wanted.length; t++) wanted[t] = inside[t]! >= 0 ? 1 : 0
  fillTexels(filled, known, { width: size, height: size, channels: 3 }, wanted)
  for (let t = 0; t < known.length; t++) {
    const share = ENOUGH * known[t]!
    if (share >= 1) continue
    for (let i = 3 * t; i < 3 * t + 3; i++) values[i] = filled[i]! + (values[i]! - filled[i]!) * share
  }
}

/** One over how well a texel has to be known to be kept as it is. */
const ENOUGH = 2

const mirrored = (t: number, size: number): number => t - (t % size) + size - 1 - (t % size)

/** Mixes texels with their mirror images across u = 0.5, in place. @returns how well each is known afterwards. */
function mirror(values: Float32Array, size: number, seen: Float32Array): Float32Array {
  const offsets = lightOffsets(values, size, seen)
  const source = values.slice()
  const known = seen.slice()
  for (let t = 0; t < seen.length; t++) {
    const other = mirrored(t, size)
    // As much as the texel lacks, as far as its mirror image has it.
    const share = (1 - seen[t]!) * seen[other]!
    if (share === 0) continue
    known[t] = seen[t]! + share
    for (let k = 0; k < 3; k++) {
      const lit = Math.max(0, Math.min(255, source[3 * other + k]! + offsets[3 * t + k]!))
      values[3 * t + k] = (seen[t]! * source[3 * t + k]! + share * lit) / known[t]!
    }
  }
  return known
}

/** Scale of what counts as light, as a share of the texture's side; smaller things are features of the face. */
const LIGHT_SCALE = 1 / 16

/**
 * [3 size^2] how much brighter each texel is than its mirror image, smoothly: known where both are seen, carried on from
 * there. It is what mirrored skin needs to have no seam.
 */
function lightOffsets(values: Float32Array, size: number, seen: Float32Array): Float32Array {
  const offsets = new Float32Array(values.length)
  // A texel alone counts so little that only the mean of a neighbourhood of the scale is believed.
  const weights = seen.map((weight, t) => (weight * seen[mirrored(t, size)]!) / (LIGHT_SCALE * size) ** 2)
  for (let t = 0; t < seen.length; t++) {
    if (weights[t] === 0) continue
    for (let k = 0; k < 3; k++) offsets[3 * t + k] = values[3 * t + k]! - values[3 * mirrored(t, size) + k]!
  }
  fillTexels(offsets, weights, { width: size, height: size, channels: 3 })
  return offsets
}
