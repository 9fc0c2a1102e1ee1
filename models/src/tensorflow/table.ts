import { Budget, ByteReader, FormatError } from '../formats/reader.ts'
import { maskedCrc32c } from './crc32c.ts'

const FOOTER = 48
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]
/** Behind each block: the kind of compression and a checksum. */
const TRAILER = 5
const MAX_ENTRIES = 100_000
const MAX_KEY = 1024

interface Handle {
  readonly offset: number
  readonly size: number
}

/** Whether the bytes end as a LevelDB table does. */
export function isTable(bytes: Uint8Array): boolean {
  return bytes.length >= FOOTER && MAGIC.every((byte, i) => bytes[bytes.length - 8 + i] === byte)
}

/**
 * Keys and values of a LevelDB table (the format of TensorFlow's `.index` files), in the order of the file. Blocks are checked
 * against their checksums.
 * @throws {FormatError} when it is something else, compressed or damaged.
 */
export function* readTable(
  bytes: Uint8Array,
  what: string,
): Generator<readonly [key: string, value: Uint8Array], void> {
  if (!isTable(bytes)) throw new FormatError(`${what} is not a TensorFlow checkpoint index.`)
  const footer = new ByteReader(bytes.subarray(bytes.length - FOOTER), what)
  readHandle(footer) // of the block of meta data, which is empty
  const blocks = new Budget(bytes.length, `${what} is damaged: its blocks overlap.`)
  let count = 0
  for (const [, value] of readBlock(bytes, readHandle(footer), what)) {
    const handle = readHandle(new ByteReader(value, what))
    blocks.spend(handle.size)
    for (const entry of readBlock(bytes, handle, what)) {
      if (++count > MAX_ENTRIES) throw new FormatError(`${what} has more than ${MAX_ENTRIES} entries: refused.`)
      yield [new TextDecoder().decode(entry[0]), entry[1]]
    }
  }
}

function readHandle(reader: ByteReader): Handle {
  return { offset: readVarint(reader), size: readVarint(reader) }
}

/** A block: entries whose keys leave out what they share with the one before, then places to start from, and their number. */
function* readBlock(
  bytes: Uint8Array,
  { offset, size }: Handle,
  what: string,
): Generator<[Uint8Array, Uint8Array], void> {
  if (!(offset + size + TRAILER <= bytes.length - FOOTER) || size < 4)
    throw new FormatError(`${what} is damaged: a block leaves the file.`)
  const block = bytes.subarray(offset, offset + size)
  const trailer = new ByteReader(bytes.subarray(offset + size, offset + size + TRAILER), what)
  const compression = trailer.take(1)
  if (trailer.u32() !== maskedCrc32c(block, compression))
    throw new FormatError(`${what} is damaged: a checksum does not fit.`)
  if (compression[0] !== 0)
    throw new FormatError(`${what} is compressed, which TensorFlow's checkpoints are not: refused.`)
  const starts = new ByteReader(block.subarray(size - 4), what).u32()
  const end = size - 4 - 4 * starts
  if (end < 0) throw new FormatError(`${what} is damaged: a block does not add up.`)
  const reader = new ByteReader(block.subarray(0, end), what)
  let key = new Uint8Array(0)
  while (reader.left > 0) {
    const [shared, own, length] = [readVarint(reader), readVarint(reader), readVarint(reader)] as const
    if (shared > key.length || shared + own > MAX_KEY)
      throw new FormatError(`${what} is damaged: a key does not add up.`)
    const next = new Uint8Array(shared + own)
    next.set(key.subarray(0, shared))
    next.set(reader.take(own), shared)
    key = next
    yield [key, reader.take(length)]
  }
}

/** A number in 7-bit groups, lowest first. */
function readVarint(reader: ByteReader): number {
  let value = 0
  for (let shift = 0; shift < 49; shift += 7) {
    const byte = reader.u8()
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return value
  }
  throw new FormatError(`${reader.what} is damaged: a number does not end.`)
}
