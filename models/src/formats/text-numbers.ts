import { FormatError } from './reader.ts'

const MAX_BYTES = 2 ** 26

/**
 * The numbers of a text file, in order, whatever white space is between them (numpy's `savetxt`).
 * @throws {FormatError} unless there are exactly `count`, all finite.
 */
export function readTextNumbers(bytes: Uint8Array, count: number, what: string): Float64Array {
  if (bytes.length > MAX_BYTES) throw new FormatError(`${what} has ${bytes.length} bytes: refused.`)
  const words = new TextDecoder().decode(bytes).split(/\s+/).filter(Boolean)
  if (words.length !== count)
    throw new FormatError(`Expected ${count} numbers in ${what} but received ${words.length}.`)
  return Float64Array.from(words, (word) => {
    const value = Number(word)
    if (!Number.isFinite(value)) throw new FormatError(`Expected numbers in ${what} but received ${word.slice(0, 40)}.`)
    return value
  })
}
