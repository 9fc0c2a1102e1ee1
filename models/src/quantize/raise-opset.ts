import { FormatError } from '../formats/reader.ts'
import type { ModelProto, NodeProto } from '../onnx/generated/onnx_pb.ts'
import { makeNode } from './onnx-file.ts'

/** From this version of ONNX's operators on weights may have a scale for each channel. */
const WANTED = 13

/** The oldest version in which an operator is what it is in the wanted one. */
const SAME_SINCE: Readonly<Record<string, number>> = {
  ...{ Add: 7, AveragePool: 7, BatchNormalization: 9, Cast: 6, Clip: 11, Concat: 4, Conv: 1, ConvTranspose: 1, Div: 7 },
  ...{ Exp: 6, Expand: 8, Flatten: 1, Gather: 1, Gemm: 7, GlobalAveragePool: 1, HardSigmoid: 6, Identity: 1 },
  ...{
    InstanceNormalization: 6,
    LeakyRelu: 6,
    MatMul: 1,
    MaxPool: 1,
    Mul: 7,
    Pad: 11,
    PRelu: 7,
    ReduceMean: 1,
    Relu: 6,
  },
  ...{ Reshape: 5, Resize: 11, Shape: 1, Sigmoid: 6, Slice: 10, Sqrt: 6, Sub: 7, Tanh: 6, Tile: 6, Transpose: 1 },
}

/**
 * Brings an older network to the version of operators that 8 bits need; its numbers stay.
 * @throws {FormatError} when it has an operator that has changed since.
 */
export function raiseOpset({ opsetImport, graph }: ModelProto): void {
  const onnx = opsetImport.find(({ domain }) => domain === '')
  if (!onnx || !graph || onnx.version >= WANTED) return
  const version = Number(onnx.version)
  graph.node = graph.node.flatMap((node) => {
    if (node.domain !== '' || version >= (SAME_SINCE[node.opType] ?? WANTED)) return [node]
    if (node.opType === 'Softmax') return overTheRest(node)
    throw new FormatError(
      `Expected a network of ONNX operators of version ${WANTED} or later, but its ${node.opType} is of version ${version}; export it again with a newer one.`,
    )
  })
  onnx.version = BigInt(WANTED)
}

/** An older softmax, which ran over all axes from the given one on; now it runs over one. */
function overTheRest(node: NodeProto): NodeProto[] {
  const [input, output] = [node.input[0]!, node.output[0]!]
  const axis = Number(node.attribute.find(({ name }) => name === 'axis')?.i ?? 1)
  return [
    makeNode('Flatten', [input], `${output}_rows`, { axis }),
    makeNode('Softmax', [`${output}_rows`], `${output}_shares`, { axis: 1 }),
    makeNode('Shape', [input], `${output}_shape`),
    makeNode('Reshape', [`${output}_shares`, `${output}_shape`], output),
  ]
}
