import { create, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './generated/onnx_pb.ts'

const OPSET = 17n
const IR_VERSION = 8n

export type Attributes = Readonly<Record<string, number | string | readonly number[]>>

/** Attributes whose values are floats even when they are whole numbers. */
const FLOATS = new Set(['alpha', 'beta', 'epsilon'])

/** A dimension is a number, or a name where it may vary. */
export type Dim = number | string

export interface ConvWeights {
  /** [out][in / groups][kernel][kernel] */
  readonly weight: Float32Array
  readonly bias: Float32Array
  readonly shape: readonly [number, number, number, number]
}

export interface ConvOptions {
  readonly stride?: number
  readonly groups?: number
  /** Zero padding on all sides; half the kernel (rounded down) unless given. */
  readonly padding?: number
}

/** Builds an ONNX graph node by node; every method returns the name of its result. */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = []
  readonly #constants: TensorProto[] = []
  readonly #inputs: ValueInfoProto[] = []
  readonly #outputs: ValueInfoProto[] = []

  input(name: string, type: 'uint8' | 'float32', dims: readonly Dim[]): string {
    this.#inputs.push(valueInfo(name, type, dims))
    return name
  }

  /** Names `value` as a result of the network (float32). */
  output(name: string, value: string, dims: readonly Dim[]): void {
    this.#nodes.push(create(NodeProtoSchema, { opType: 'Identity', input: [value], output: [name], name }))
    this.#outputs.push(valueInfo(name, 'float32', dims))
  }

  floats(data: Float32Array | readonly number[], dims: readonly number[]): string {
    const bytes = Float32Array.from(data)
    return this.#constant(DataType.FLOAT, new Uint8Array(bytes.buffer), dims)
  }

  bytes(data: Uint8Array | Int8Array, dims: readonly number[]): string {
    const type = data instanceof Int8Array ? DataType.INT8 : DataType.UINT8
    return this.#constant(type, new Uint8Array(data.buffer, data.byteOffset, data.length), dims)
  }

  /** A scalar. */
  byte(value: number): string {
    return this.bytes(Uint8Array.of(value), [])
  }

  integers(...values: number[]): string {
    return this.int64(values, [values.length])
  }

  int64(values: readonly number[], dims: readonly number[]): string {
    return this.#constant(DataType.INT64, new Uint8Array(BigInt64Array.from(values, BigInt).buffer), dims)
  }

  node(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = `${opType.toLowerCase()}_${this.#nodes.length}`
    this.#nodes.push(
      create(NodeProtoSchema, {
        opType,
        name: output,
        input: [...inputs],
        output: [output],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      }),
    )
    return output
  }

  conv(
    x: string,
    { weight, bias, shape }: ConvWeights,
    { stride = 1, groups = 1, padding = shape[2] >> 1 }: ConvOptions = {},
  ): string {
    const inputs = [x, this.floats(weight, shape), this.floats(bias, [shape[0]])]
    return this.node('Conv', inputs, {
      kernel_shape: [shape[2], shape[3]],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      group: groups,
    })
  }

  relu(x: string): string {
    return this.node('Relu', [x])
  }

  concat(axis: number, ...values: string[]): string {
    return this.node('Concat', values, { axis })
  }

  /** x W^T + b, W [out][in] row-major. */
  linear(x: string, weight: Float32Array, bias: Float32Array): string {
    return this.node(
      'Gemm',
      [x, this.floats(weight, [bias.length, weight.length / bias.length]), this.floats(bias, [bias.length])],
      { transB: 1 },
    )
  }

  /** The model file. */
  finish(name: string): Uint8Array {
    const graph = create(GraphProtoSchema, {
      name,
      node: this.#nodes,
      initializer: this.#constants,
      input: this.#inputs,
      output: this.#outputs,
    })
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: '@3ddfa/models',
        graph,
        opsetImport: [{ domain: '', version: OPSET }],
      }),
    )
  }

  #constant(dataType: DataType, rawData: Uint8Array, dims: readonly number[]): string {
    const name = `constant_${this.#constants.length}`
    this.#constants.push(create(TensorProtoSchema, { name, dataType, rawData, dims: dims.map(BigInt) }))
    return name
  }
}

export function attribute(name: string, value: number | string | readonly number[]): AttributeProto {
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) })
  if (typeof value !== 'number')
    return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) })
  if (FLOATS.has(name)) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value })
  return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) })
}

export function valueInfo(name: string, type: 'uint8' | 'float32', dims: readonly Dim[]): ValueInfoProto {
  const elemType = type === 'uint8' ? DataType.UINT8 : DataType.FLOAT
  const dim = dims.map((d) => ({
    value:
      typeof d === 'number'
        ? ({ case: 'dimValue', value: BigInt(d) } as const)
        : ({ case: 'dimParam', value: d } as const),
  }))
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } },
  })
}
