import { create, fromBinary } from '@bufbuild/protobuf'
import { FormatError } from '../formats/reader.ts'
import {
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from '../onnx/generated/onnx_pb.ts'
import { type Attributes, attribute } from '../onnx/graph-builder.ts'

/** A network that is being rewritten, and its graph. @throws {FormatError} when the bytes are no .onnx. */
export function parseOnnx(bytes: Uint8Array): { model: ModelProto; graph: GraphProto } {
  let model: ModelProto
  try {
    model = fromBinary(ModelProtoSchema, bytes)
  } catch (error) {
    throw new FormatError(`The network is not a readable .onnx (${error instanceof Error ? error.message : error}).`)
  }
  if (!model.graph || model.graph.node.length === 0) throw new FormatError('The .onnx holds no network.')
  return { model, graph: model.graph }
}

export function makeNode(opType: string, inputs: string[], output: string, attributes: Attributes = {}): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: `${output}_${opType.toLowerCase()}`,
    input: inputs,
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  })
}

type ConstantType = 'float32' | 'uint8' | 'int8' | 'int32' | 'int64'

const TYPES: Readonly<Record<ConstantType, DataType>> = {
  float32: DataType.FLOAT,
  uint8: DataType.UINT8,
  int8: DataType.INT8,
  int32: DataType.INT32,
  int64: DataType.INT64,
}

/** A constant; no dims make it a scalar. */
export function makeTensor(
  name: string,
  type: ConstantType,
  data: Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array,
  dims: readonly number[] = [],
): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return create(TensorProtoSchema, { name, dataType: TYPES[type], rawData, dims: dims.map(BigInt) })
}

/** A constant's numbers, whichever way the file stores them; undefined for types that no weight has. */
export function floatsOf(tensor: TensorProto): Float32Array | undefined {
  if (tensor.dataType === DataType.UINT8) return Float32Array.from(tensor.rawData)
  if (tensor.dataType !== DataType.FLOAT) return undefined
  if (tensor.rawData.length === 0) return Float32Array.from(tensor.floatData)
  // A copy: the file may hold it at any address.
  return new Float32Array(new Uint8Array(tensor.rawData).buffer)
}
