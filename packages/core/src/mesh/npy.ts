import { expect } from '../errors.ts'

const TYPES = { Float32Array: '<f4', Uint8Array: '|u1', Int32Array: '<i4', Uint32Array: '<u4' } as const
const ALIGNMENT = 64

/**
 * A numpy .npy file (version 1.0, little-endian, C order), as `np.load` reads it.
 * @throws {InvalidInputError} when the shape does not fit the data, and for data of another kind.
 */
export function writeNpy(
  data: Float32Array | Uint8Array | Int32Array | Uint32Array,
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  const sides = Array.isArray(shape) && shape.every((side) => Number.isInteger(side) && side >= 0)
  expect(sides, 'shape', 'a list of whole numbers from 0', shape)
  const count = shape.reduce((product, side) => product * side, 1)
  expect(count === data?.length, 'data', `${count} numbers (${shape.join(' x ')})`, data)
  const type = TYPES[data[Symbol.toStringTag]]
  expect(type !== undefined, 'data', 'a Float32Array, Uint8Array, Int32Array or Uint32Array', data)
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${tuple}), }`
  const length = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT
  const out = new Uint8Array(length + data.byteLength)
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 255, (length - 10) >> 8])
  out.set(new TextEncoder().encode(`${dictionary.padEnd(length - 11)}\n`), 10)
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length)
  return out
}
