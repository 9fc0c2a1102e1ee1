import { countOf, decodeElements, type NumericArray, parseElementType, toRowMajor } from './array.ts'
import { keyOf, PickleGlobal, type PickleHandlers, readPickle } from './pickle.ts'
import { Budget, ByteReader, FormatError } from './reader.ts'

class Dtype {
  constructor(
    readonly name: string,
    public order = '<',
  ) {}
}

/** An ndarray between its creation (`_reconstruct`) and its contents (BUILD). */
class Ndarray {
  array: NumericArray | undefined
}

const RECONSTRUCT = ['numpy.core.multiarray._reconstruct', 'numpy._core.multiarray._reconstruct']
const SCALAR = ['numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar']

const handlers = (copied: Budget): PickleHandlers => ({
  allowed: new Set([...RECONSTRUCT, ...SCALAR, 'numpy.ndarray', 'numpy.dtype', '_codecs.encode']),
  call(name, args) {
    if (RECONSTRUCT.includes(name)) return new Ndarray()
    if (name === 'numpy.dtype' && typeof args[0] === 'string') return new Dtype(args[0])
    // Protocols below 3 write bytes as text that Latin-1 turns back.
    if (name === '_codecs.encode' && typeof args[0] === 'string' && args[1] === 'latin1')
      return asBytes(args[0], copied)
    if (SCALAR.includes(name) && args[0] instanceof Dtype) return decode(args[0], args[1], [1], copied).data[0]
    throw new FormatError(`The pickle calls ${name} in a way that numpy does not.`)
  },
  build(object, state) {
    if (!Array.isArray(state)) throw new FormatError('The pickle gives an object a state that numpy does not.')
    if (object instanceof Dtype && typeof state[1] === 'string') object.order = state[1]
    else if (object instanceof Ndarray && state[2] instanceof Dtype && Array.isArray(state[1])) {
      const array = decode(state[2], state[4], state[1] as number[], copied)
      object.array = state[3] ? toRowMajor(array) : array
    } else throw new FormatError('The pickle gives an object a state that numpy does not.')
  },
})

/**
 * Reads a pickle of numpy arrays, plain values, lists and dictionaries. Dictionaries become objects without prototype.
 * @throws {FormatError} on anything else; nothing in the file is ever run.
 */
export function readNumpyPickle(bytes: Uint8Array, what = 'The pickle'): unknown {
  // Every array has numbers of its own in the file. Those that came as text are copied twice.
  const copied = new Budget(2 * bytes.length, `${what} was refused: its pickle uses the same numbers over and over.`)
  return finish(readPickle(new ByteReader(bytes, what), handlers(copied)), what, 0, new Map())
}

const MAX_DEPTH = 20

/** @param finished what became of the lists and dictionaries so far: a few of them can name each other a billion times. */
function finish(value: unknown, what: string, depth: number, finished: Map<unknown, unknown>): unknown {
  if (depth > MAX_DEPTH) throw new FormatError(`${what} nests more than ${MAX_DEPTH} deep: refused.`)
  if (value instanceof Ndarray) {
    if (!value.array) throw new FormatError(`${what} is damaged: an array without contents.`)
    return value.array
  }
  if (value instanceof Dtype || value instanceof PickleGlobal)
    throw new FormatError(`${what} holds something that is not data.`)
  if (finished.has(value)) return finished.get(value)
  const next = (item: unknown): unknown => finish(item, what, depth + 1, finished)
  let made = value
  if (Array.isArray(value)) made = value.map(next)
  if (value instanceof Map)
    made = Object.assign(
      Object.create(null),
      Object.fromEntries([...value].map(([key, item]) => [keyOf(key, what), next(item)])),
    )
  if (made !== value) finished.set(value, made)
  return made
}

function decode(dtype: Dtype, numbers: unknown, shape: readonly number[], copied: Budget): NumericArray {
  const type = parseElementType(`${dtype.order}${dtype.name}`)
  const count = countOf(shape)
  const bytes = asBytes(numbers, copied)
  copied.spend(bytes.length)
  // The list may still grow behind the array's back.
  return { data: decodeElements(bytes, type, count), shape: [...shape] }
}

function asBytes(value: unknown, copied: Budget): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') {
    copied.spend(value.length)
    // Uint8Array.from() would make a list of its characters first, 28 bytes for each.
    const bytes = new Uint8Array(value.length)
    for (let i = 0; i < bytes.length; i++) bytes[i] = value.charCodeAt(i)
    return bytes
  }
  throw new FormatError(
    `Expected the bytes of an array but the pickle holds ${value === null ? 'null' : typeof value}.`,
  )
}
