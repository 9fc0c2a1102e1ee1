import { toBinary } from '@bufbuild/protobuf'
import { type GraphProto, ModelProtoSchema, type NodeProto } from '../onnx/generated/onnx_pb.ts'
import { makeNode, makeTensor, parseOnnx } from './onnx-file.ts'
import type { PictureInput } from './picture-input.ts'
import { type PlannedConv, planQuantization, type QuantizationPlan } from './plan.ts'
import { raiseOpset } from './raise-opset.ts'
import { type ActivationRanges, type Affine, affinesOf } from './ranges.ts'
import { quantizeWeights } from './weights.ts'

/**
 * A network of ours with its convolutions in 8 bits: weights as int8 with a scale for each output channel, activations as uint8
 * with one for each tensor (ONNX "QDQ", which runtimes fuse into integer kernels). The picture's bytes are convolved as they are.
 * Everything behind the last convolution stays float32.
 * @param ranges of the activations, see `calibrate`.
 * @throws {FormatError} when the bytes are no network, or one that the ranges do not belong to.
 */
export function quantizeNetwork(onnx: Uint8Array, ranges: ActivationRanges): Uint8Array {
  const { model, graph } = parseOnnx(onnx)
  raiseOpset(model)
  const plan = planQuantization(graph)
  new Rewriting(graph, plan, affinesOf(plan.activations, plan.ties, ranges)).apply()
  return toBinary(ModelProtoSchema, model)
}

class Rewriting {
  readonly #graph: GraphProto
  readonly #plan: QuantizationPlan
  readonly #affines: ReadonlyMap<string, Affine>
  /** Nodes to be put behind the one that makes a tensor. */
  readonly #behind = new Map<string, NodeProto[]>()
  readonly #before = new Map<NodeProto, NodeProto[]>()
  readonly #removed = new Set<NodeProto>()

  constructor(graph: GraphProto, plan: QuantizationPlan, affines: ReadonlyMap<string, Affine>) {
    this.#graph = graph
    this.#plan = plan
    this.#affines = affines
  }

  apply(): void {
    for (const conv of this.#plan.convs) this.#quantizeConv(conv)
    for (const name of this.#plan.activations) this.#quantizeActivation(name)
    this.#graph.node = this.#graph.node.flatMap((node) =>
      this.#removed.has(node)
        ? []
        : [...(this.#before.get(node) ?? []), node, ...node.output.flatMap((name) => this.#behind.get(name) ?? [])],
    )
    const used = new Set(this.#graph.node.flatMap(({ input }) => input))
    this.#graph.initializer = this.#graph.initializer.filter(({ name }) => used.has(name))
  }

  #quantizeConv({ node, picture, relu, output }: PlannedConv): void {
    const { view } = this.#plan
    // A file of others need not name its nodes.
    const name = node.name || node.output[0]!
    const [input, weight, bias] = node.input as [string, string, string | undefined]
    const tensor = view.constant(weight)!
    const affine = picture ? pictureAffine(picture) : this.#affines.get(input)!
    const shift = picture?.mean.map((mean) => affine.scale * (affine.zeroPoint - mean))
    const quantized = quantizeWeights(tensor, view.constant(bias), affine.scale, shift)
    const rows = quantized.scales.length
    const steps: NodeProto[] = []
    if (picture) {
      for (const made of picture.replaced) this.#removed.add(made)
      steps.push(this.#dequantize(picture.bytes, `${name}_picture`, affine))
    }
    this.#add(makeTensor(`${name}_weight`, 'int8', quantized.bytes, quantized.dims))
    this.#add(makeTensor(`${name}_bias`, 'int32', quantized.bias, [rows]))
    const biasScales = quantized.scales.map((scale) => scale * affine.scale)
    steps.push(this.#dequantizeRows(`${name}_weight`, quantized.scales, 'int8'))
    steps.push(this.#dequantizeRows(`${name}_bias`, biasScales, 'int32'))
    node.input = [picture ? `${name}_picture` : input, `${name}_weight_float`, `${name}_bias_float`]
    if (relu) this.#removed.add(relu)
    node.output = [output]
    this.#before.set(node, steps)
  }

  /** The tensor takes a detour through its bytes; who took it before takes what comes back. */
  #quantizeActivation(name: string): void {
    const affine = this.#affines.get(name)!
    const numbers = `${name}_float`
    const bytes = `${name}_bytes`
    for (const node of this.#graph.node) node.output = node.output.map((output) => (output === name ? numbers : output))
    const scale = this.#constants(`${name}_to`, affine)
    this.#behind.set(numbers, [
      makeNode('QuantizeLinear', [numbers, ...scale], bytes),
      makeNode('DequantizeLinear', [bytes, ...scale], name),
    ])
  }

  #dequantize(bytes: string, output: string, affine: Affine): NodeProto {
    return makeNode('DequantizeLinear', [bytes, ...this.#constants(output, affine)], output)
  }

  #dequantizeRows(name: string, scales: Float32Array, type: 'int8' | 'int32'): NodeProto {
    const zeros = type === 'int8' ? new Int8Array(scales.length) : new Int32Array(scales.length)
    this.#add(makeTensor(`${name}_scale`, 'float32', scales, [scales.length]))
    this.#add(makeTensor(`${name}_zero`, type, zeros, [scales.length]))
    return makeNode('DequantizeLinear', [name, `${name}_scale`, `${name}_zero`], `${name}_float`, { axis: 0 })
  }

  #constants(name: string, { scale, zeroPoint }: Affine): [string, string] {
    this.#add(makeTensor(`${name}_scale`, 'float32', Float32Array.of(scale)))
    this.#add(makeTensor(`${name}_zero`, 'uint8', Uint8Array.of(zeroPoint)))
    return [`${name}_scale`, `${name}_zero`]
  }

  #add(tensor: GraphProto['initializer'][number]): void {
    this.#graph.initializer.push(tensor)
  }
}

/** One zero for all channels: the byte nearest to the mean of their means. */
function pictureAffine({ scale, mean }: PictureInput): Affine {
  const middle = mean.reduce((sum, m) => sum + m, 0) / mean.length
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(middle))) }
}
