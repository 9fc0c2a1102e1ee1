import { Unzlib } from 'fflate'
import {
  countOf,
  decodeElements,
  MAX_AXES,
  type NumericArray,
  parseElementType,
  type TypedArray,
  toRowMajor,
} from './array.ts'
import { Budget, ByteReader, FormatError, latin1 } from './reader.ts'

/** MATLAB's data types (miINT8 ...) as numpy's. */
const ELEMENTS: Readonly<Record<number, string>> = {
  1: 'i1',
  2: 'u1',
  3: 'i2',
  4: 'u2',
  5: 'i4',
  6: 'u4',
  7: 'f4',
  9: 'f8',
  12: 'i8',
  13: 'u8',
}
const MI_MATRIX = 14
const MI_COMPRESSED = 15
/** Array classes that hold plain numbers (mxDOUBLE_CLASS to mxUINT64_CLASS). */
const NUMERIC_CLASSES = [6, 15]
const MAX_ELEMENTS = 2 ** 26
const MAX_UNPACKED = 2 ** 28
const PACKED_PART = 2 ** 14

/**
 * Reads the real numeric matrices of a MATLAB v5 file (compressed or not): name to array, row-major. Cells, structs, text,
 * sparse and complex parts are skipped.
 * @throws {FormatError} on damage or another version (v7.3 is HDF5).
 */
export function readMat(bytes: Uint8Array, what = 'The .mat file'): Record<string, NumericArray> {
  const reader = new ByteReader(bytes, what)
  const header = reader.take(Math.min(128, reader.left))
  if (header.length < 128 || !latin1(header).startsWith('MATLAB 5.0'))
    throw new FormatError(`${what} is not a MATLAB v5 file; save it with -v6 or -v7.`)
  const littleEndian = header[126] === 0x49
  if (!littleEndian) throw new FormatError(`${what} is big-endian, which is not supported.`)
  const arrays: Record<string, NumericArray> = Object.create(null)
  const unpacked = new Budget(MAX_UNPACKED, `${what} unpacks to more than ${MAX_UNPACKED} bytes: refused.`)
  while (reader.left >= 8) {
    const type = reader.u32()
    const data = reader.take(reader.u32())
    if (type === MI_MATRIX) readMatrix(data, what, arrays)
    else if (type === MI_COMPRESSED) {
      const element = new ByteReader(inflate(data, unpacked, what), what)
      if (element.u32() === MI_MATRIX) readMatrix(element.take(element.u32()), what, arrays)
    }
  }
  return arrays
}

/** In small parts: what unpacks to a thousand times its size is noticed before it is unpacked. */
function inflate(data: Uint8Array, unpacked: Budget, what: string): Uint8Array {
  const parts: Uint8Array[] = []
  try {
    const stream = new Unzlib((part, isLast) => {
      // fflate would gather all that is left, each time anew.
      if (part.length === 0 && !isLast) throw new FormatError(`${what} is damaged: a matrix ends before its data does.`)
      unpacked.spend(part.length)
      parts.push(part)
    })
    let at = 0
    // The last part is never so short that it cuts the checksum at its end.
    for (; data.length - at > 2 * PACKED_PART; at += PACKED_PART) stream.push(data.subarray(at, at + PACKED_PART))
    stream.push(data.subarray(at), true)
    return concatenated(parts)
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError(`${what} is damaged: ${error instanceof Error ? error.message : error}.`)
  }
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Bytes; MATLAB's own names have 63. */
const MAX_NAME = 4096

function readMatrix(bytes: Uint8Array, what: string, into: Record<string, NumericArray>): void {
  const reader = new ByteReader(bytes, what)
  const flags = element(reader).bytes
  const axes = element(reader)
  const named = element(reader)
  // Before either is taken apart: a packed file of some kilobytes can hold a hundred million of them.
  if (axes.bytes.length > 4 * MAX_AXES || named.bytes.length > MAX_NAME)
    throw new FormatError(`${what} is damaged: an array of more than ${MAX_AXES} axes, or a name that is no name.`)
  const shape = [...(decode(axes) as Int32Array)]
  const name = latin1(named.bytes)
  const kind = flags[0] ?? 0
  const complex = ((flags[1] ?? 0) & 8) !== 0
  if (kind < NUMERIC_CLASSES[0]! || kind > NUMERIC_CLASSES[1]! || complex) return
  const count = countOf(shape, MAX_ELEMENTS)
  const data = decode(element(reader))
  if (data.length !== count)
    throw new FormatError(`${what} is damaged: ${name} has ${data.length} numbers for the shape (${shape.join(', ')}).`)
  into[name] = toRowMajor({ data, shape })
}

/** One data element; up to four bytes may sit in the tag itself. Padded to eight bytes. */
function element(reader: ByteReader): { type: number; bytes: Uint8Array } {
  const tag = reader.u32()
  if (tag >>> 16) {
    const small = reader.take(4)
    if (tag >>> 16 > 4) throw new FormatError(`${reader.what} is damaged: a small element of ${tag >>> 16} bytes.`)
    return { type: tag & 0xffff, bytes: small.subarray(0, tag >>> 16) }
  }
  const length = reader.u32()
  const bytes = reader.take(length)
  reader.take(Math.min(reader.left, (8 - (length % 8)) % 8))
  return { type: tag, bytes }
}

function decode({ type, bytes }: { type: number; bytes: Uint8Array }): TypedArray {
  const name = ELEMENTS[type]
  if (!name) throw new FormatError(`The .mat file holds numbers of an unknown kind (${type}).`)
  const parsed = parseElementType(`<${name}`)
  return decodeElements(bytes, parsed, Math.floor(bytes.length / parsed.size))
}
