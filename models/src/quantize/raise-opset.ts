import { FormatError } from '../formats/reader.ts'
import type { ModelProto, NodeProto } from '../onnx/generated/onnx_pb.ts'
import { makeNode } from './onnx-file.ts'

/** From this version of ONNX's operators on weights may have a scale for each channel. */
const WANTED = 13

/** Operators by the oldest version in which they are what they are in the wanted one. */
const SAME_SINCE: readonly (readonly [number, string])[] = [
  [1, 'Conv ConvTranspose Flatten Gather GlobalAveragePool Identity MatMul MaxPool ReduceMean Shape Transpose'],
  [4, 'Concat'],
  [5, 'Reshape'],
  [6, 'Cast Exp HardSigmoid InstanceNormalization LeakyRelu Relu Sigmoid Sqrt Tanh Tile'],
  [7, 'Add AveragePool Div Gemm Mul PRelu Sub'],
  [8, 'Expand'],
  [9, 'BatchNormalization'],
  [10, 'Slice'],
  [11, 'Clip Pad Resize'],
]

function sameSince(operator: string): number {
  return SAME_SINCE.find(([, names]) => names.split(' ').includes(operator))?.[0] ?? WANTED
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
    if (node.domain !== '' || version >= sameSince(node.opType)) return [node]
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
