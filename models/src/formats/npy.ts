import { unzipSync } from 'fflate'
import { countOf, decodeElements, type NumericArray, parseElementType, toRowMajor } from './array.ts'
import { Budget, ByteReader, FormatError, latin1, unpackedBudget } from './reader.ts'

/**
 * Reads a numpy .npy file (versions 1 to 3, plain numbers, either byte order, C or Fortran order).
 * @throws {FormatError} on anything else, a pickled object array among it.
 */
export function readNpy(bytes: Uint8Array, what = 'The .npy file'): NumericArray {
  const reader = new ByteReader(bytes, what)
  if (latin1(reader.take(Math.min(6, reader.left))) !== '\x93NUMPY')
    throw new FormatError(`${what} is not a .npy file.`)
  const major = reader.u8()
  reader.u8()
  if (major < 1 || major > 3) throw new FormatError(`${what} has .npy version ${major}; 1 to 3 are known.`)
  const header = latin1(reader.take(major === 1 ? reader.u16() : reader.u32()))
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1]
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1]
  const dims = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]
  if (descr === undefined || order === undefined || dims === undefined)
    throw new FormatError(`${what} has a header that is not understood: ${header.slice(0, 100).trim()}`)
  const shape = dims
    .split(',')
    .filter((dim) => dim.trim() !== '')
    .map(Number)
  const type = parseElementType(descr)
  const count = countOf(shape)
  const array = { data: decodeElements(reader.take(count * type.size), type, count), shape }
  // Fortran order lists the first axis fastest: the same bytes, read column by column.
  return order === 'True' ? toRowMajor(array) : array
}

/** Reads a numpy .npz archive: name (without .npy) to array. */
export function readNpz(bytes: Uint8Array, what = 'The .npz file'): Record<string, NumericArray> {
  const unpacked = unpackedBudget(bytes, what)
  const files = unzip(bytes, unpacked, what)
  for (const data of Object.values(files)) unpacked.spend(data.length) // their numbers are copied
  return Object.fromEntries(
    Object.entries(files).map(([name, data]) => [name.replace(/\.npy$/, ''), readNpy(data, `${name} in ${what}`)]),
  )
}

/** Unpacks a zip archive, unless its files claim to be larger than may be unpacked. */
export function unzip(bytes: Uint8Array, unpacked: Budget, what: string): Record<string, Uint8Array> {
  const packed = new Budget(bytes.length, `${what} is damaged: the files in it overlap.`)
  try {
    return unzipSync(bytes, {
      filter: ({ size, originalSize }) => {
        unpacked.spend(Math.max(size, originalSize))
        packed.spend(size)
        return true
      },
    })
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError(`${what} is not a readable zip archive (${error instanceof Error ? error.message : error}).`)
  }
}
