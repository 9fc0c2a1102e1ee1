import type { GraphProto, NodeProto } from '../onnx/generated/onnx_pb.ts'
import { NetworkView } from './network-view.ts'
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

/** Every convolution with constant weights, and what lies between two of them, becomes 8 bits wide. */
export function planQuantization(graph: GraphProto): QuantizationPlan {
  const view = new NetworkView(graph)
  const convs: PlannedConv[] = []
  const quantized = new Set<string>()
  const ties: string[][] = []
  for (const node of graph.node) {
    const weight = view.constant(node.input[1])
    if (node.opType === 'Conv' && weight) {
      const picture = findPictureInput(view, node.input[0]!, Number(weight.dims[1]))
      const next = view.onlyConsumer(node.output[0]!)
      const relu = next?.opType === 'Relu' ? next : undefined
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
