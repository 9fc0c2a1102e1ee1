import type { GraphProto, NodeProto } from '../onnx/generated/onnx_pb.ts'
import { NetworkView } from './network-view.ts'
import { floatsOf } from './onnx-file.ts'
import { findPictureInput, type PictureInput } from './picture-input.ts'

/** A convolution that is computed in 8 bits. */
export interface PlannedConv {
  readonly node: NodeProto
  /** Where its input is the normalised picture. */
  readonly picture: PictureInput | undefined
  /** The rectifier behind it, which quantization makes superfluous: negative numbers are below its range. */
  readonly relu: NodeProto | undefined
  readonly output: string
}

/** What becomes 8 bits wide in a network. */
export interface QuantizationPlan {
  readonly view: NetworkView
  readonly convs: readonly PlannedConv[]
  /** Tensors that are quantized, in the graph's order. */
  readonly activations: readonly string[]
  /** Tensors that must have one scale: what a pool takes and gives, what is put side by side. */
  readonly ties: readonly (readonly string[])[]
}

/** Nodes between convolutions that runtimes compute in 8 bits, and whether scale stays. */
const PASSED: Readonly<Record<string, boolean>> = { MaxPool: true, Concat: true, AveragePool: false, Add: false }

/** What comes out of these is one number a channel. */
const GLOBAL_POOLS: readonly string[] = ['GlobalAveragePool', 'ReduceMean']

/** Every convolution with constant weights but a last layer, and what lies between two of them, becomes 8 bits wide. */
export function planQuantization(graph: GraphProto): QuantizationPlan {
  const view = new NetworkView(graph)
  const convs: PlannedConv[] = []
  const quantized = new Set<string>()
  const ties: string[][] = []
  for (const node of graph.node) {
    const weight = view.constant(node.input[1])
    if (node.opType === 'Conv' && weight && !isLastLayer(view, node)) {
      const picture = findPictureInput(view, node.input[0]!, Number(weight.dims[1]))
      const next = view.onlyConsumer(node.output[0]!)
      const relu = next && isRectifier(view, next) ? next : undefined
      const output = (relu ?? node).output[0]!
      convs.push({ node, picture, relu, output })
      if (!picture) quantized.add(node.input[0]!)
      quantized.add(output)
    } else if (node.opType in PASSED && node.input.every((name) => quantized.has(name))) {
      quantized.add(node.output[0]!)
      if (PASSED[node.opType]) ties.push([...node.input, node.output[0]!])
    }
  }
  return { view, convs, activations: [...quantized], ties }
}

/** A fully connected layer written as a convolution, which stays float32 as other ones do. */
function isLastLayer(view: NetworkView, { input, output }: NodeProto): boolean {
  const pooled = GLOBAL_POOLS.includes(view.producer(input[0]!)?.opType ?? '')
  return pooled && view.onlyConsumer(output[0]!)?.opType === 'Flatten'
}

/** Relu, or a clip from 0 on: its upper bound is part of the range of what it gives. */
function isRectifier(view: NetworkView, { opType, input }: NodeProto): boolean {
  if (opType === 'Relu') return true
  const low = opType === 'Clip' ? view.constant(input[1]) : undefined
  return low !== undefined && floatsOf(low)?.[0] === 0
}
