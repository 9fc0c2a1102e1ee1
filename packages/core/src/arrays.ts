import { expect } from './errors.ts'
import { isTransferred } from './transferred.ts'

interface Arrays {
  Uint8Array: Uint8Array
  Uint8ClampedArray: Uint8ClampedArray
  Int32Array: Int32Array
  Uint32Array: Uint32Array
  BigInt64Array: BigInt64Array
  Float32Array: Float32Array
}

/**
 * Whether `value` is a typed array of one of these kinds. Not by `instanceof`: arrays of frames, workers and test runners have
 * constructors of their own.
 */
export function isArrayOf<K extends keyof Arrays>(value: unknown, ...kinds: readonly K[]): value is Arrays[K] {
  return ArrayBuffer.isView(value) && (kinds as readonly string[]).includes((value as Uint8Array)[Symbol.toStringTag])
}

/** Whether `value` is an ArrayBuffer, of whichever realm. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]'
}

// Kinds as well as lengths: the native and the WebAssembly backend read the memory of an array, whatever lies in it.

/** @throws {InvalidInputError} unless `array` is a Float32Array of `length` numbers. */
export function checkFloats(array: Float32Array, length: number, name: string): void {
  expect(
    isArrayOf(array, 'Float32Array') && array.length === length,
    name,
    `a Float32Array of ${length} numbers`,
    array,
  )
}

/** @throws {InvalidInputError} unless `array` is a Uint32Array, of whole triangles or of `length` indices. */
export function checkIndices(array: Uint32Array, name: string, length?: number): void {
  const fits =
    isArrayOf(array, 'Uint32Array') && (length === undefined ? array.length % 3 === 0 : array.length === length)
  expect(fits && !isTransferred(array), name, `a Uint32Array of ${length ?? 'a multiple of 3'} indices`, array)
}

/** @throws {InvalidInputError} unless `array` is a Float32Array of whole points [3n]. */
export function checkPoints(array: Float32Array, name: string): void {
  const fits = isArrayOf(array, 'Float32Array') && array.length % 3 === 0
  expect(fits && !isTransferred(array), name, 'a Float32Array of a multiple of 3 numbers', array)
}
