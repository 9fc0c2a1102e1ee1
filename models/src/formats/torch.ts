import { countOf, decodeElements, gather, type NumericArray, parseElementType, type TypedArray } from './array.ts'
import { unzip } from './npy.ts'
import { keyOf, PickleGlobal, type PickleHandlers, readPickle } from './pickle.ts'
import { Budget, ByteReader, FormatError, unpackedBudget } from './reader.ts'

const STORAGE_TYPES: Readonly<Record<string, string>> = {
  'torch.FloatStorage': 'f4',
  'torch.DoubleStorage': 'f8',
  'torch.HalfStorage': 'f2',
  'torch.LongStorage': 'i8',
  'torch.IntStorage': 'i4',
  'torch.ShortStorage': 'i2',
  'torch.CharStorage': 'i1',
  'torch.ByteStorage': 'u1',
  'torch.BoolStorage': 'b1',
}

/** A block of numbers that tensors are windows of. Its contents come after the pickle that names it. */
class Storage {
  data: TypedArray | undefined

  constructor(
    readonly type: string,
    readonly count: number,
  ) {}
}

class TensorRef {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/**
 * Reads a PyTorch checkpoint (`torch.save`, the legacy format or the zip format) of tensors: names to arrays, `module.`
 * prefixes of data-parallel training removed. A `state_dict` inside the saved object is taken when there is one.
 * @throws {FormatError} on code, unknown storages or damage. Nothing in the file is ever run.
 */
export function readTorchCheckpoint(bytes: Uint8Array, what = 'The checkpoint'): Map<string, NumericArray> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b
  const unpacked = unpackedBudget(bytes, what)
  const root = isZip ? readZip(bytes, unpacked, what) : readLegacy(bytes, unpacked, what)
  const inner = root instanceof Map && root.get('state_dict')
  const state = inner instanceof Map ? inner : root
  if (!(state instanceof Map)) throw new FormatError(`${what} does not hold a dictionary of tensors.`)
  const refs = [...state].filter((entry): entry is [unknown, TensorRef] => entry[1] instanceof TensorRef)
  if (refs.length === 0) throw new FormatError(`${what} holds no tensor.`)
  for (const [, ref] of refs) unpacked.spend(sizeOf(ref, what))
  return new Map(refs.map(([name, ref]) => [keyOf(name, what).replace(/^module\./, ''), materialize(ref)]))
}

function handlers(storages: Map<string, Storage>, reader: ByteReader): PickleHandlers {
  const { what } = reader
  // An entry takes more than a byte of the file, and goes into one dictionary.
  const entries = new Budget(reader.left, `${what} was refused: its pickle uses the same lists over and over.`)
  return {
    allowed: new Set([
      'collections.OrderedDict',
      'torch._utils._rebuild_tensor_v2',
      'torch._utils._rebuild_parameter',
      'torch.Size',
      ...Object.keys(STORAGE_TYPES),
    ]),
    call(name, args) {
      if (name === 'collections.OrderedDict') return orderedDict(args[0] ?? [], entries, what)
      if (name === 'torch.Size') return args[0]
      if (name === 'torch._utils._rebuild_parameter') return args[0]
      const [storage, offset, shape, strides] = args
      if (
        !(storage instanceof Storage) ||
        !Array.isArray(shape) ||
        !Array.isArray(strides) ||
        shape.length !== strides.length
      )
        throw new FormatError(`${what} is damaged: a tensor does not add up.`)
      return new TensorRef(storage, offset as number, shape, strides)
    },
    // OrderedDict carries attributes (`_metadata`); tensors need none of them.
    build() {},
    persistent(id) {
      const [kind, type, key, , count] = Array.isArray(id) ? id : []
      const element = type instanceof PickleGlobal ? STORAGE_TYPES[type.name] : undefined
      if (kind !== 'storage' || !element)
        throw new FormatError(`${what} was refused: it names a storage of an unknown kind.`)
      countOf([count])
      const name = keyOf(key, what)
      const known = storages.get(name) ?? new Storage(element, count)
      storages.set(name, known)
      return known
    },
  }
}

function orderedDict(pairs: unknown, entries: Budget, what: string): Map<unknown, unknown> {
  if (!Array.isArray(pairs)) throw new FormatError(`${what} is damaged: a dictionary does not add up.`)
  entries.spend(pairs.length)
  if (!pairs.every((pair) => Array.isArray(pair) && pair.length === 2))
    throw new FormatError(`${what} is damaged: a dictionary does not add up.`)
  return new Map(pairs)
}

const MAGIC = 119547037146038801333356n

function readLegacy(bytes: Uint8Array, unpacked: Budget, what: string): unknown {
  const reader = new ByteReader(bytes, what)
  const storages = new Map<string, Storage>()
  const rules = handlers(storages, reader)
  let magic: unknown
  try {
    magic = readPickle(reader, rules)
  } catch {
    magic = undefined
  }
  if (magic !== MAGIC) throw new FormatError(`${what} is not a PyTorch checkpoint.`)
  const protocol = readPickle(reader, rules)
  if (protocol !== 1001) throw new FormatError(`${what} has another checkpoint protocol than 1001, the known one.`)
  const system = readPickle(reader, rules)
  if (system instanceof Map && system.get('little_endian') === false)
    throw new FormatError(`${what} was saved on a big-endian machine, which is not supported.`)
  const root = readPickle(reader, rules)
  const keys = readPickle(reader, rules)
  if (!Array.isArray(keys)) throw new FormatError(`${what} is damaged: its list of storages is missing.`)
  for (const key of keys) fill(storages.get(keyOf(key, what)))
  return root

  function fill(storage: Storage | undefined): void {
    if (!storage) throw new FormatError(`${what} is damaged: it lists a storage that no tensor uses.`)
    const stored = reader.u64()
    if (stored !== storage.count) {
      throw new FormatError(`${what} is damaged: a storage of ${stored} numbers where ${storage.count} were announced.`)
    }
    storage.data = decodeStorage(storage, reader, unpacked)
  }
}

function readZip(bytes: Uint8Array, unpacked: Budget, what: string): unknown {
  const files = unzip(bytes, unpacked, what)
  const pickle = Object.keys(files).find((name) => /(^|\/)data\.pkl$/.test(name))
  if (!pickle) throw new FormatError(`${what} is a zip archive without data.pkl, so not a PyTorch checkpoint.`)
  const folder = pickle.slice(0, -'data.pkl'.length)
  const order = files[`${folder}byteorder`]
  if (order && new TextDecoder().decode(order) !== 'little')
    throw new FormatError(`${what} was saved on a big-endian machine, which is not supported.`)
  const storages = new Map<string, Storage>()
  const reader = new ByteReader(files[pickle]!, what)
  const root = readPickle(reader, handlers(storages, reader))
  for (const [key, storage] of storages) {
    const data = files[`${folder}data/${key}`]
    if (!data) throw new FormatError(`${what} is damaged: the storage ${key} is missing.`)
    storage.data = decodeStorage(storage, new ByteReader(data, what), unpacked)
  }
  return root
}

function decodeStorage({ type: name, count }: Storage, reader: ByteReader, unpacked: Budget): TypedArray {
  const type = parseElementType(`<${name}`)
  unpacked.spend(count * type.size)
  return decodeElements(reader.take(count * type.size), type, count)
}

/** Bytes of the window of a storage that a tensor is. Every element is checked to lie inside. */
function sizeOf({ storage, offset, shape, strides }: TensorRef, what: string): number {
  const { data } = storage
  if (!data) throw new FormatError(`${what} is damaged: a tensor without contents.`)
  const count = countOf(shape)
  // Nothing is computed with what is no number: the text of a list of lists may be without end.
  const whole = [offset, ...shape.map((_, axis) => strides[axis]!)].every((n) => Number.isSafeInteger(n) && n >= 0)
  const last = whole ? shape.reduce((sum, dim, axis) => sum + Math.max(0, dim - 1) * strides[axis]!, offset) : Infinity
  // A window may repeat elements (stride 0) but not blow a small file up.
  if (!whole || (count > 0 && last >= data.length) || count > Math.max(data.length, 1))
    throw new FormatError(`${what} is damaged: a tensor reaches outside its storage.`)
  return count * data.BYTES_PER_ELEMENT
}

/** Copies the window, row-major. */
function materialize({ storage, offset, shape, strides }: TensorRef): NumericArray {
  return { data: gather(storage.data!, shape, strides, offset), shape }
}
