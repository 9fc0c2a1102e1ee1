import { ByteBuffer, type Encoding } from 'flatbuffers'
import { decodeElements, MAX_ELEMENTS, parseElementType, type TypedArray } from '../formats/array.ts'
import { Budget, FormatError } from '../formats/reader.ts'
import { BuiltinOperator } from './generated/tflite/builtin-operator.ts'
import { Model } from './generated/tflite/model.ts'
import type { Operator } from './generated/tflite/operator.ts'
import type { SubGraph } from './generated/tflite/sub-graph.ts'
import type { Tensor } from './generated/tflite/tensor.ts'
import { TensorType } from './generated/tflite/tensor-type.ts'

/** value = scale * (stored - zeroPoint); one pair for the tensor, or one for each place along `axis`. */
export interface Quantization {
  readonly scale: readonly number[]
  readonly zeroPoint: readonly number[]
  readonly axis: number
}

export interface LiteTensor {
  readonly name: string
  readonly type: TensorType
  /** -1 where it may vary. */
  readonly shape: readonly number[]
  /** Of a constant: the stored numbers. */
  readonly data?: TypedArray
  readonly quantization?: Quantization
}

export interface LiteOperator {
  readonly kind: BuiltinOperator
  /** As errors call it. */
  readonly name: string
  /** Indices of tensors; -1 where an optional one is left out. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly table: Operator
}

/** The main graph of a `.tflite` file: operators in the order of execution. */
export interface LiteModel {
  readonly tensors: readonly LiteTensor[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly operators: readonly LiteOperator[]
}

const WHAT = 'The .tflite file'
const CUT = `${WHAT} is cut short or damaged: an offset leaves the file.`
const MAX_TENSORS = 100_000
const MAX_RANK = 8
/** Real networks take less than one. */
const READS_A_BYTE = 8
/** Constants may share their numbers, but not so that a small file becomes a large network. */
const MAX_SHARING = 4

const ELEMENTS: Readonly<Partial<Record<TensorType, string>>> = {
  [TensorType.FLOAT32]: '<f4',
  [TensorType.FLOAT16]: '<f2',
  [TensorType.INT32]: '<i4',
  [TensorType.UINT8]: '<u1',
  [TensorType.INT64]: '<i8',
  [TensorType.INT8]: '<i1',
}

/** Whether the bytes are a TensorFlow Lite model at all: they say so behind the first offset. */
export function isTflite(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && String.fromCharCode(...bytes.subarray(4, 8)) === 'TFL3'
}

/**
 * Reads a TensorFlow Lite model, version 3. Every count, index, shape and length in it is checked.
 * @throws {FormatError} when it is something else or damaged.
 */
export function readTflite(bytes: Uint8Array): LiteModel {
  if (!isTflite(bytes)) throw new FormatError(`${WHAT} is not a TensorFlow Lite model.`)
  try {
    // A copy of its own: an array that leaves the file then leaves the buffer, too, and is refused.
    return readModel(Model.getRootAsModel(new BoundedBuffer(new Uint8Array(bytes))), bytes.length)
  } catch (error) {
    if (error instanceof RangeError) throw new FormatError(CUT)
    throw error
  }
}

/** flatbuffers takes what lies behind the end for zeros, and a constant there for a value that is computed. */
class BoundedBuffer extends ByteBuffer {
  /** Lists and names that are one and the same are read as often as they are named. */
  readonly #reads = new Budget(READS_A_BYTE * this.capacity(), `${WHAT} is damaged: its lists or names overlap.`)

  override readUint8(offset: number): number {
    return super.readUint8(this.#within(offset, 1))
  }

  override readUint16(offset: number): number {
    return super.readUint16(this.#within(offset, 2))
  }

  /** All wider reads are made of this one. */
  override readInt32(offset: number): number {
    return super.readInt32(this.#within(offset, 4))
  }

  override __string(offset: number, encoding?: Encoding): string | Uint8Array {
    const text = super.__string(offset, encoding)
    this.#reads.spend(text.length)
    return text
  }

  #within(offset: number, size: number): number {
    this.#reads.spend(1)
    if (!(offset >= 0 && offset + size <= this.capacity())) throw new FormatError(CUT)
    return offset
  }
}

function readModel(model: Model, size: number): LiteModel {
  if (model.version() !== 3) throw new FormatError(`${WHAT} has version ${model.version()}; 3 is known.`)
  const codes = list(model.operatorCodesLength(), (i) => operatorName(model, i))
  const buffers = list(model.buffersLength(), (i) => model.buffers(i)!)
  if (buffers.some((buffer) => buffer.offset() > 1n))
    throw new FormatError(`${WHAT} keeps its weights outside of the model, which is not supported.`)
  const graph = model.subgraphsLength() > 0 ? model.subgraphs(0) : null
  if (!graph) throw new FormatError(`${WHAT} holds no graph.`)
  const data = (index: number): Uint8Array | null => {
    if (index >= buffers.length) throw new FormatError(`${WHAT} is damaged: it has no buffer ${index}.`)
    return buffers[index]!.dataLength() === 0 ? null : buffers[index]!.dataArray()
  }
  const constants = new Budget(MAX_SHARING * size, `${WHAT} is damaged: its constants are larger than the file.`)
  const tensors = list(graph.tensorsLength(), (i) => readTensor(graph.tensors(i)!, data, size, constants))
  const index = (i: number, least = 0): number => {
    if (!(i >= least && i < tensors.length)) throw new FormatError(`${WHAT} is damaged: it has no tensor ${i}.`)
    return i
  }
  const operators = list(graph.operatorsLength(), (i) => readOperator(graph, i, codes, index))
  return {
    tensors,
    operators,
    inputs: list(graph.inputsLength(), (i) => index(graph.inputs(i)!)),
    outputs: list(graph.outputsLength(), (i) => index(graph.outputs(i)!)),
  }
}

function list<T>(length: number, at: (index: number) => T): T[] {
  if (!(length >= 0 && length <= MAX_TENSORS))
    throw new FormatError(`${WHAT} is damaged: a list of ${length} entries, at most ${MAX_TENSORS} are read.`)
  return Array.from({ length }, (_, i) => at(i))
}

function operatorName(model: Model, i: number): { kind: BuiltinOperator; name: string } {
  const code = model.operatorCodes(i)!
  // Files older than the field `builtin_code` have only the byte.
  const kind = Math.max(code.builtinCode(), code.deprecatedBuiltinCode())
  const custom = kind === BuiltinOperator.CUSTOM ? ` ${JSON.stringify(code.customCode()?.slice(0, 80) ?? '')}` : ''
  return { kind, name: `${BuiltinOperator[kind] ?? `number ${kind}`}${custom}` }
}

function readOperator(
  graph: SubGraph,
  i: number,
  codes: readonly { kind: BuiltinOperator; name: string }[],
  index: (i: number, least?: number) => number,
): LiteOperator {
  const table = graph.operators(i)!
  const code = codes[table.opcodeIndex()]
  if (!code) throw new FormatError(`${WHAT} is damaged: it has no operator code ${table.opcodeIndex()}.`)
  return {
    ...code,
    table,
    inputs: list(table.inputsLength(), (k) => index(table.inputs(k)!, -1)),
    outputs: list(table.outputsLength(), (k) => index(table.outputs(k)!)),
  }
}

function readTensor(
  tensor: Tensor,
  buffer: (index: number) => Uint8Array | null,
  size: number,
  constants: Budget,
): LiteTensor {
  const name = tensor.name()?.slice(0, 200) ?? ''
  if (tensor.sparsity()) throw new FormatError(`${WHAT} keeps ${name} as a sparse tensor, which is not supported.`)
  const stored = readShape(tensor.shapeLength(), (i) => tensor.shape(i)!, name)
  const signature = readShape(tensor.shapeSignatureLength(), (i) => tensor.shapeSignature(i)!, name)
  const bytes = buffer(tensor.buffer())
  const type = tensor.type()
  const shape = !bytes && signature.length === stored.length ? signature : stored
  const quantization = readQuantization(tensor, shape)
  const more = quantization ? { quantization } : {}
  if (!bytes) return { name, type, shape, ...more }
  const element = ELEMENTS[type]
  if (!element)
    throw new FormatError(
      `${WHAT} has the constant ${name} of the type ${TensorType[type] ?? type}, which is not supported.`,
    )
  const count = shape.reduce((product, dim) => product * dim, 1)
  if (count > MAX_ELEMENTS || count > size)
    throw new FormatError(`${WHAT} is damaged: ${name} is larger than the file.`)
  constants.spend(bytes.length)
  return { name, type, shape, data: decodeElements(bytes, parseElementType(element), count), ...more }
}

function readShape(rank: number, at: (axis: number) => number, name: string): number[] {
  if (rank > MAX_RANK)
    throw new FormatError(`${WHAT} is damaged: ${name} has ${rank} axes, at most ${MAX_RANK} are read.`)
  const shape = list(rank, at)
  if (shape.some((dim) => dim < -1))
    throw new FormatError(`${WHAT} is damaged: ${name} has the shape (${shape.join(', ')}).`)
  return shape
}

function readQuantization(tensor: Tensor, shape: readonly number[]): Quantization | undefined {
  const table = tensor.quantization()
  if (!table || table.scaleLength() === 0) return undefined
  const scale = list(table.scaleLength(), (i) => table.scale(i)!)
  const points = list(table.zeroPointLength(), (i) => Number(table.zeroPoint(i)!))
  const zeroPoint = scale.map((_, i) => points[i] ?? points[0] ?? 0)
  const axis = table.quantizedDimension()
  if (table.detailsType() !== 0 || (scale.length > 1 && shape[axis] !== scale.length))
    throw new FormatError(`${WHAT} is quantised in a way that is not supported.`)
  if (!scale.every(Number.isFinite)) throw new FormatError(`${WHAT} is damaged: a scale is not finite.`)
  return { scale, zeroPoint, axis }
}
