import { fromFloat16 } from './float16.ts'
import { FormatError } from './reader.ts'

/** Numbers of one type with a shape, row-major. */
export interface NumericArray {
  readonly data: TypedArray
  readonly shape: readonly number[]
}

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

const CONSTRUCTORS = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  u1: Uint8Array,
  b1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  i8: BigInt64Array,
  u8: BigUint64Array,
} as const

/** Whether a value is one: a dictionary of a file may have the same entries. */
export function isNumericArray(value: unknown): value is NumericArray {
  const { data, shape } = (value ?? {}) as Partial<NumericArray>
  return Object.values(CONSTRUCTORS).some((kind) => data instanceof kind) && Array.isArray(shape)
}

/** numpy's name of the numbers in an array, as of this machine. */
export function elementName(data: TypedArray): string {
  return Object.entries(CONSTRUCTORS).find(([, kind]) => data instanceof kind)![0]
}

/** A numpy type string such as `<f4`. Float16 becomes float32. */
export interface ElementType {
  readonly name: string
  readonly size: number
  readonly littleEndian: boolean
}

/** @throws {FormatError} on a type that is not a plain number. */
export function parseElementType(descr: string): ElementType {
  const match = /^([<>|=]?)([a-z]\d)$/.exec(descr)
  const name = match?.[2] ?? ''
  if (!match || !(name in CONSTRUCTORS || name === 'f2'))
    throw new FormatError(`Expected an array of plain numbers but its type is ${JSON.stringify(descr.slice(0, 40))}.`)
  return { name, size: Number(name[1]), littleEndian: match[1] !== '>' }
}

/** No array that any of the formats is read for has more. */
export const MAX_ELEMENTS: number = 2 ** 28
export const MAX_AXES = 32

/** Number of elements of a shape. @throws {FormatError} when it is no shape or larger than `limit`. */
export function countOf(shape: readonly number[], limit: number = MAX_ELEMENTS): number {
  // What is no number is not put into words: the text of a pickle's list of lists may have no end.
  if (shape.length > MAX_AXES || !shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0))
    throw new FormatError(`Expected the shape of an array: at most ${MAX_AXES} whole numbers that are not negative.`)
  const count = shape.reduce((product, dim) => product * dim, 1)
  if (!(count <= limit))
    throw new FormatError(`Expected an array of at most ${limit} elements but its shape is (${shape.join(', ')}).`)
  return count
}

/** Copies raw elements into an aligned array of this machine's byte order. */
export function decodeElements(bytes: Uint8Array, type: ElementType, count: number): TypedArray {
  if (bytes.length !== count * type.size)
    throw new FormatError(`Expected ${count * type.size} bytes of array data but received ${bytes.length}.`)
  const copy = new Uint8Array(bytes) // not slice(): a Node Buffer would share its memory
  // Every machine that runs JavaScript today is little-endian; only foreign files are not.
  if (!type.littleEndian) for (let i = 0; i < copy.length; i += type.size) copy.subarray(i, i + type.size).reverse()
  if (type.name === 'f2') return fromFloat16(new Uint16Array(copy.buffer, 0, count))
  const make = CONSTRUCTORS[type.name as keyof typeof CONSTRUCTORS]
  return new make(copy.buffer, 0, count) as TypedArray
}

/**
 * Copies numbers that lie at `offset` plus steps of `strides` along each axis of `shape`, row-major. That they lie inside of `data`
 * is the caller's to check.
 */
export function gather<T extends TypedArray>(
  data: T,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): T {
  const out = new (data.constructor as new (length: number) => T)(shape.reduce((product, dim) => product * dim, 1))
  const index = shape.map(() => 0)
  for (let i = 0, at = offset; i < out.length; i++) {
    out[i] = data[at]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      at -= index[axis]! * strides[axis]!
      index[axis] = 0
    }
  }
  return out
}

/** Column-major (Fortran, MATLAB) to row-major. */
export function toRowMajor({ data, shape }: NumericArray): NumericArray {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1))
  return { data: gather(data, shape, strides), shape }
}

/** The numbers of an array whose axes are put in another order. */
export function permute(data: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  return gather(
    data,
    order.map((axis) => shape[axis]!),
    order.map((axis) => strides[axis]!),
  )
}

/** As float32, whatever the stored type. */
export function asFloat32({ data }: NumericArray): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number)
}
