import { countOf, decodeElements, elementName, type NumericArray, parseElementType, type TypedArray } from './array.ts'
import { ByteReader, FormatError, latin1 } from './reader.ts'

/** safetensors' type names and numpy's. */
const TYPES: Readonly<Record<string, string>> = {
  F16: 'f2',
  F32: 'f4',
  F64: 'f8',
  I8: 'i1',
  U8: 'u1',
  I16: 'i2',
  U16: 'u2',
  I32: 'i4',
  U32: 'u4',
  I64: 'i8',
  U64: 'u8',
}
const MAX_HEADER = 10_000_000

export interface Safetensors {
  readonly tensors: Readonly<Record<string, NumericArray>>
  readonly metadata: Readonly<Record<string, string>>
}

/** What is written; `half` says that the numbers are the bits of float16. */
interface Writable extends Safetensors {
  readonly tensors: Readonly<Record<string, NumericArray & { readonly half?: boolean }>>
}

/**
 * Writes tensors (row-major, this machine's types) as a .safetensors file. The format allows no gaps, so wide numbers come first: all
 * begin where arrays of them may.
 */
export function writeSafetensors({ tensors, metadata }: Writable): Uint8Array {
  const entries = Object.entries(tensors).sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)
  const header: Record<string, unknown> = { __metadata__: metadata }
  let size = 0
  for (const [name, { data, shape, half }] of entries) {
    header[name] = { dtype: half ? 'F16' : typeOf(data), shape, data_offsets: [size, size + data.byteLength] }
    size += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const start = Math.ceil((8 + json.length) / 8) * 8
  const out = new Uint8Array(start + size).fill(0x20, 0, start)
  new DataView(out.buffer).setBigUint64(0, BigInt(start - 8), true)
  out.set(json, 8)
  let at = start
  for (const [, { data }] of entries) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return out
}

/** Reads a .safetensors file. Arrays are views of `bytes` where their alignment allows, copies elsewhere. */
export function readSafetensors(bytes: Uint8Array, what = 'The .safetensors file'): Safetensors {
  const reader = new ByteReader(bytes, what)
  // A header is a JSON object behind its length of 8 bytes. Servers answer with their page what they do not have.
  if (bytes.length > 8 && bytes[8] !== 0x7b)
    throw new FormatError(
      `${what} is no .safetensors file: it begins with ${JSON.stringify(latin1(bytes.subarray(0, 8)))}.`,
    )
  const length = reader.u64()
  if (length > MAX_HEADER) throw new FormatError(`${what} has a header of ${length} bytes: refused.`)
  const { __metadata__: metadata = {}, ...entries } = parseHeader(reader.take(length), what)
  if (!isMetadata(metadata)) throw new FormatError(`${what} is damaged: its metadata is no text by name.`)
  const body = reader.take(reader.left)
  checkPlaces(entries, body.length, what)
  const tensors: Record<string, NumericArray> = Object.create(null)
  for (const [name, entry] of Object.entries(entries)) tensors[name] = readTensor(entry, body)
  return { tensors, metadata }
}

/** A tensor that must be there. @param remedy what to do when it is not. @throws {FormatError} */
export function needTensor({ tensors }: Safetensors, name: string, what: string, remedy: string): NumericArray {
  const tensor = tensors[name]
  if (!tensor) throw new FormatError(`${what} lacks ${name}; ${remedy}`)
  return tensor
}

interface Entry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

function parseHeader(bytes: Uint8Array, what: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (isObject(header)) return header
  } catch {}
  throw new FormatError(`${what} is damaged: its header is not JSON.`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isMetadata(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string')
}

/** Each tensor lies inside of the body, and none on another one. */
function checkPlaces(
  entries: Record<string, unknown>,
  size: number,
  what: string,
): asserts entries is Record<string, Entry> {
  for (const [name, entry] of Object.entries(entries))
    if (!isEntry(entry) || entry.data_offsets[1] > size)
      throw new FormatError(`${what} is damaged: the entry of ${name.slice(0, 100)} does not add up.`)
  const places = Object.values(entries as Record<string, Entry>).map((entry) => entry.data_offsets)
  places.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  if (places.some(([from], i) => i > 0 && from < places[i - 1]![1]))
    throw new FormatError(`${what} is damaged: tensors overlap.`)
}

function isEntry(entry: unknown): entry is Entry {
  if (!isObject(entry) || !Array.isArray(entry.shape) || !Array.isArray(entry.data_offsets)) return false
  const [from, to] = entry.data_offsets as unknown[]
  const isRange = [from, to].every(Number.isSafeInteger) && Number(from) >= 0 && Number(to) >= Number(from)
  return isRange && typeof entry.dtype === 'string' && Object.hasOwn(TYPES, entry.dtype)
}

function readTensor({ dtype, shape, data_offsets: [from, to] }: Entry, body: Uint8Array): NumericArray {
  const type = TYPES[dtype]!
  const parsed = parseElementType(`<${type}`)
  const count = countOf(shape, 2 ** 30)
  const data = body.subarray(from, to)
  if (type === 'f4' && data.byteOffset % 4 === 0 && data.length === 4 * count)
    return { data: new Float32Array(data.buffer, data.byteOffset, count), shape }
  if (type === 'u4' && data.byteOffset % 4 === 0 && data.length === 4 * count)
    return { data: new Uint32Array(data.buffer, data.byteOffset, count), shape }
  return { data: decodeElements(data, parsed, count), shape }
}

function typeOf(data: TypedArray): string {
  const numpy = elementName(data)
  return Object.entries(TYPES).find(([, name]) => name === numpy)![0]
}
