import { FormatError } from '../../formats/reader.ts'
import { BatchMatMulOptions } from '../generated/tflite/batch-mat-mul-options.ts'
import { BuiltinOptions } from '../generated/tflite/builtin-options.ts'
import { FullyConnectedOptions } from '../generated/tflite/fully-connected-options.ts'
import { FullyConnectedOptionsWeightsFormat } from '../generated/tflite/fully-connected-options-weights-format.ts'
import { SoftmaxOptions } from '../generated/tflite/softmax-options.ts'
import type { Translation } from '../translation.ts'
import { activate, needOptions, optionsOf, type Translate } from './options.ts'

/** Inputs: values, weights [out][in], bias. */
export const fullyConnected: Translate = (t, operator) => {
  const o = needOptions(operator, BuiltinOptions.FullyConnectedOptions, new FullyConnectedOptions())
  if (o.weightsFormat() !== FullyConnectedOptionsWeightsFormat.DEFAULT)
    throw new FormatError('The operator FULLY_CONNECTED with shuffled weights is not supported.')
  const [x, weights, bias = -1] = operator.inputs
  const [out, inputs] = t.tensor(weights).shape
  if (!(out! > 0 && inputs! > 0))
    throw new FormatError('The .tflite file is damaged: a layer has weights of no matrix.')
  const { graph } = t
  // Batched values keep their axes only when that is asked for.
  const rows = o.keepNumDims() ? t.get(x) : graph.node('Reshape', [t.get(x), graph.integers(-1, inputs!)])
  const product = graph.node('MatMul', [rows, graph.node('Transpose', [t.get(weights)], { perm: [1, 0] })])
  const sum = bias < 0 ? product : graph.node('Add', [product, biasOf(t, bias, out!)])
  t.set(operator.outputs[0], activate(t, sum, o.fusedActivationFunction()))
}

function biasOf(t: Translation, index: number, count: number): string {
  const numbers = t.floats(index)
  if (!numbers) return t.get(index)
  if (numbers.length !== count)
    throw new FormatError('The .tflite file is damaged: a layer has a bias that does not fit.')
  return t.graph.floats(numbers, [count])
}

export const batchMatMul: Translate = (t, operator) => {
  const o = optionsOf(operator, BuiltinOptions.BatchMatMulOptions, new BatchMatMulOptions())
  const [a, b] = operator.inputs
  const factors = [turned(t, a!, o?.adjX() ?? false), turned(t, b!, o?.adjY() ?? false)]
  t.set(operator.outputs[0], t.graph.node('MatMul', factors))
}

function turned(t: Translation, index: number, turn: boolean): string {
  const rank = t.tensor(index).shape.length
  if (rank < 2) throw new FormatError('The .tflite file is damaged: a product of matrices with no matrix.')
  const perm = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis))
  return turn ? t.graph.node('Transpose', [t.get(index)], { perm }) : t.get(index)
}

/** Over the last axis. */
export const softmax: Translate = (t, operator) => {
  const beta = optionsOf(operator, BuiltinOptions.SoftmaxOptions, new SoftmaxOptions())?.beta() ?? 1
  const x = t.get(operator.inputs[0])
  const scaled = beta === 1 ? x : t.graph.node('Mul', [x, t.graph.floats([beta], [])])
  t.set(operator.outputs[0], t.graph.node('Softmax', [scaled], { axis: -1 }))
}
