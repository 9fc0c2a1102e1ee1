import { permute } from '../formats/array.ts'
import { FormatError } from '../formats/reader.ts'
import type { GraphBuilder } from '../onnx/graph-builder.ts'
import { TensorType } from './generated/tflite/tensor-type.ts'
import type { LiteModel, LiteOperator, LiteTensor } from './read-model.ts'

/** How the axes of a rank-4 value lie: as TensorFlow Lite has them (N, H, W, C), or as ONNX convolutions want them (N, C, H, W). */
export type Layout = 'natural' | 'planes'

/** Which axis of the other layout each axis of this one is. */
const ORDER: Readonly<Record<Layout, readonly [number, number, number, number]>> = {
  natural: [0, 2, 3, 1],
  planes: [0, 3, 1, 2],
}

/**
 * The graph being written. Each value of the file is a value of the ONNX graph in one or both layouts; it is turned only when
 * an operator asks for the other one, so that a chain of convolutions has no transposition in it. Quantised values are
 * carried as the real numbers that they stand for, 32-bit integers as 64-bit ones.
 */
export class Translation {
  readonly graph: GraphBuilder
  readonly #tensors: LiteTensor[]
  readonly #names: Record<Layout, Map<number, string>> = { natural: new Map(), planes: new Map() }

  constructor(graph: GraphBuilder, model: LiteModel) {
    this.graph = graph
    this.#tensors = [...model.tensors]
  }

  tensor(index: number | undefined): LiteTensor {
    if (index === undefined || index < 0)
      throw new FormatError('The .tflite file is damaged: an operator lacks an input.')
    return this.#tensors[index]!
  }

  /** Whether the value is computed and known in `planes`, so that an operator of any layout should take it so. */
  isPlanes(index: number): boolean {
    return !this.#tensors[index]?.data && this.#names.planes.has(index)
  }

  /** The layout in which an operator of any layout takes the value. */
  layoutOf(index: number): Layout {
    return this.isPlanes(index) ? 'planes' : 'natural'
  }

  /** Name of the value in a layout. Only rank-4 values have planes. */
  get(index: number | undefined, layout: Layout = 'natural'): string {
    const { shape } = this.tensor(index)
    const known = this.#names[layout].get(index!)
    if (known !== undefined) return known
    const name = this.#find(index!, layout)
    if (layout === 'planes' && shape.length !== 4)
      throw new FormatError('The .tflite file is damaged: an operator on pictures got something else.')
    this.#names[layout].set(index!, name)
    return name
  }

  set(index: number | undefined, name: string, layout: Layout = 'natural'): void {
    this.tensor(index)
    this.#names[layout === 'natural' ? 'planes' : 'natural'].delete(index!)
    this.#names[layout].set(index!, name)
  }

  /** Makes a constant of a value whose numbers turn out to be known. */
  setConstant(index: number | undefined, data: Float32Array): void {
    const { name, type, shape } = this.tensor(index)
    this.#tensors[index!] = { name, type, shape, data }
  }

  /** An axis of `index`, counted from the front, in a layout. */
  axis(index: number, axis: number, layout: Layout): number {
    const rank = this.tensor(index).shape.length
    const positive = axis < 0 ? axis + rank : axis
    if (!(positive >= 0 && positive < rank))
      throw new FormatError(`The .tflite file is damaged: an axis ${axis} of a value with ${rank} axes.`)
    return layout === 'planes' ? ORDER.natural[positive]! : positive
  }

  /** A constant's real numbers (de-quantised), or undefined when the value is computed. */
  floats(index: number): Float32Array | undefined {
    const { data, shape, quantization } = this.tensor(index)
    if (!data) return undefined
    const numbers = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number)
    if (!quantization) return numbers
    const { scale, zeroPoint, axis } = quantization
    const inner = scale.length === 1 ? numbers.length : shape.slice(axis + 1).reduce((a, b) => a * b, 1)
    return numbers.map((value, i) => {
      const at = Math.floor(i / inner) % scale.length
      return scale[at]! * (value - zeroPoint[at]!)
    })
  }

  /** A constant list of whole numbers, such as axes or paddings. @throws {FormatError} when it is computed. */
  integers(operator: LiteOperator, input: number): number[] {
    const { data } = this.tensor(operator.inputs[input])
    if (!data) throw new FormatError(`The operator ${operator.name} with a computed shape or axis is not supported.`)
    const numbers = Array.from(data as ArrayLike<number | bigint>, Number)
    if (!numbers.every((value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 31))
      throw new FormatError(`The .tflite file is damaged: ${operator.name} has sizes that are no whole numbers.`)
    return numbers
  }

  #find(index: number, layout: Layout): string {
    const { shape, data, name } = this.tensor(index)
    if (data) return this.#constant(index, layout)
    const other = this.#names[layout === 'natural' ? 'planes' : 'natural'].get(index)
    if (other === undefined || shape.length !== 4)
      throw new FormatError(`The .tflite file is damaged: ${name || 'a value'} is used before it is computed.`)
    return this.graph.node('Transpose', [other], { perm: [...ORDER[layout]] })
  }

  #constant(index: number, layout: Layout): string {
    const { type, shape, data, quantization } = this.tensor(index)
    if ((type === TensorType.INT32 || type === TensorType.INT64) && !quantization)
      return this.graph.int64(Array.from(data as ArrayLike<number | bigint>, Number), shape)
    const numbers = this.floats(index)!
    if (layout === 'natural') return this.graph.floats(numbers, shape)
    const dims = ORDER.planes.map((axis) => shape[axis]!)
    return this.graph.floats(permute(numbers, shape, ORDER.planes), dims)
  }
}
