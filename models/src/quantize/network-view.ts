import type { GraphProto, NodeProto, TensorProto } from '../onnx/generated/onnx_pb.ts'

/** Who makes and who takes each tensor of a graph. */
export class NetworkView {
  readonly #constants: Map<string, TensorProto>
  readonly #producers = new Map<string, NodeProto>()
  readonly #consumers = new Map<string, NodeProto[]>()
  readonly #outputs: Set<string>

  constructor(graph: GraphProto) {
    this.#constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
    this.#outputs = new Set(graph.output.map(({ name }) => name))
    for (const node of graph.node) {
      for (const name of node.output) this.#producers.set(name, node)
      for (const name of node.input) this.#consumers.set(name, [...(this.#consumers.get(name) ?? []), node])
    }
  }

  constant(name: string | undefined): TensorProto | undefined {
    return name === undefined ? undefined : this.#constants.get(name)
  }

  producer(name: string): NodeProto | undefined {
    return this.#producers.get(name)
  }

  /** The one node that takes a tensor, when nothing else does. */
  onlyConsumer(name: string): NodeProto | undefined {
    const consumers = this.#consumers.get(name) ?? []
    return consumers.length === 1 && !this.#outputs.has(name) ? consumers[0] : undefined
  }
}
