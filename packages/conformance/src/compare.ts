/** Says where a value lies, for a report: `(3, 4)` of a picture or `[12]` of a list. */
export type Place = (index: number) => string

const inList: Place = (index) => `[${index}]`

/** `(x, y)` of number `index` of a picture of `width` columns. */
export const inPicture =
  (width: number, channels = 1): Place =>
  (index) =>
    `(${Math.floor(index / channels) % width}, ${Math.floor(index / channels / width)})`

type Numbers = Float32Array | Int32Array | Uint8Array | Uint8ClampedArray

/**
 * Undefined when both hold the same bits, else one line: how many differ and what the first is. Any NaN equals any other,
 * since its bits are the processor's choice.
 */
export function compareBits(
  what: string,
  actual: Numbers,
  expected: Numbers,
  place: Place = inList,
): string | undefined {
  if (actual.length !== expected.length) return `${what}: ${actual.length} numbers instead of ${expected.length}`
  let first = -1
  let count = 0
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) continue
    if (first < 0) first = i
    count++
  }
  if (first < 0) return undefined
  const at = `first at ${place(first)}: ${actual[first]} instead of ${expected[first]}`
  return `${what}: ${count} of ${expected.length} differ, ${at}`
}

/** Undefined when no number is farther than `tolerance` from what is expected. */
export function compareNear(
  what: string,
  actual: Float32Array,
  expected: Float32Array,
  tolerance: number,
): string | undefined {
  if (actual.length !== expected.length) return `${what}: ${actual.length} numbers instead of ${expected.length}`
  const { error, at } = largestError(actual, expected)
  if (error <= tolerance) return undefined
  return `${what}: off by ${error} (at most ${tolerance}) at [${at}]: ${actual[at]} instead of ${expected[at]}`
}

/** The largest difference and where it is; NaN counts as infinitely far. */
export function largestError(actual: Float32Array, expected: Float32Array): { error: number; at: number } {
  let [error, at] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i]! - expected[i]!)
    if (!(distance <= error)) [error, at] = [Number.isNaN(distance) ? Infinity : distance, i]
  }
  return { error, at }
}

/** The first complaint of a list. */
export function firstOf(complaints: Iterable<string | undefined>): string | undefined {
  for (const complaint of complaints) if (complaint !== undefined) return complaint
  return undefined
}
