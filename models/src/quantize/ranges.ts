import { FormatError } from '../formats/reader.ts'

/** Smallest and largest number of a tensor that is worth telling apart, by the tensor's name. */
export type ActivationRanges = Readonly<Record<string, readonly [smallest: number, largest: number]>>

/** How numbers become bytes: number = scale * (byte - zeroPoint). */
export interface Affine {
  readonly scale: number
  readonly zeroPoint: number
}

/** 256 steps from the smallest to the largest number; zero is one of them, since pictures are padded with it. */
export function affineOf([smallest, largest]: readonly [number, number]): Affine {
  const low = Math.min(0, smallest)
  const scale = Math.fround((Math.max(0, largest) - low) / 255 || 1 / 255)
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-low / scale))) }
}

/**
 * The bytes of each activation; tied ones share the range around all of theirs.
 * @throws {FormatError} when a range is missing or no range.
 */
export function affinesOf(
  activations: readonly string[],
  ties: readonly (readonly string[])[],
  ranges: ActivationRanges,
): Map<string, Affine> {
  const merged = new Map<string, { low: number; high: number }>()
  for (const name of activations) {
    const [low, high] = ranges[name] ?? [Number.NaN, Number.NaN]
    if (!(low <= high) || !Number.isFinite(high - low))
      throw new FormatError(`Expected a range of the activation ${name} but there is none; calibrate this network.`)
    merged.set(name, { low, high })
  }
  for (const names of ties) {
    const all = names.map((name) => merged.get(name)!)
    const shared = { low: Math.min(...all.map((r) => r.low)), high: Math.max(...all.map((r) => r.high)) }
    // Whatever was tied to one of them before is tied to all.
    for (const [name, range] of merged) if (all.includes(range)) merged.set(name, shared)
  }
  return new Map([...merged].map(([name, { low, high }]) => [name, affineOf([low, high])]))
}
