import { FormatError } from '../../formats/reader.ts'
import type { ActivationFunctionType } from '../generated/tflite/activation-function-type.ts'
import { AddOptions } from '../generated/tflite/add-options.ts'
import { BuiltinOptions } from '../generated/tflite/builtin-options.ts'
import { DivOptions } from '../generated/tflite/div-options.ts'
import { LeakyReluOptions } from '../generated/tflite/leaky-relu-options.ts'
import { MulOptions } from '../generated/tflite/mul-options.ts'
import { SubOptions } from '../generated/tflite/sub-options.ts'
import type { LiteOperator } from '../read-model.ts'
import type { Layout, Translation } from '../translation.ts'
import { activate, clip, optionsOf, type Translate } from './options.ts'

/** An operator of one input, done in whatever layout that is in. */
export const unary =
  (write: (t: Translation, x: string) => string): Translate =>
  (t, operator) => {
    const [x] = operator.inputs
    const layout = t.layoutOf(x!)
    t.set(operator.outputs[0], write(t, t.get(x, layout)), layout)
  }

/** An ONNX operator of the same meaning. */
export const same = (opType: string): Translate => unary((t, x) => t.graph.node(opType, [x]))

export const relu6: Translate = unary((t, x) => clip(t, x, 0, 6))
export const reluN1To1: Translate = unary((t, x) => clip(t, x, -1, 1))
export const rsqrt: Translate = unary((t, x) => t.graph.node('Reciprocal', [t.graph.node('Sqrt', [x])]))

export const leakyRelu: Translate = (t, operator) => {
  const alpha = optionsOf(operator, BuiltinOptions.LeakyReluOptions, new LeakyReluOptions())?.alpha() ?? 0
  unary((_, x) => t.graph.node('LeakyRelu', [x], { alpha }))(t, operator)
}

export const prelu: Translate = (t, operator) => binary(t, operator, 'PRelu')
export const maximum: Translate = (t, operator) => binary(t, operator, 'Max')
export const minimum: Translate = (t, operator) => binary(t, operator, 'Min')
export const add: Translate = (t, o) =>
  binary(t, o, 'Add', activationOf(o, BuiltinOptions.AddOptions, new AddOptions()))
export const sub: Translate = (t, o) =>
  binary(t, o, 'Sub', activationOf(o, BuiltinOptions.SubOptions, new SubOptions()))
export const mul: Translate = (t, o) =>
  binary(t, o, 'Mul', activationOf(o, BuiltinOptions.MulOptions, new MulOptions()))
export const div: Translate = (t, o) =>
  binary(t, o, 'Div', activationOf(o, BuiltinOptions.DivOptions, new DivOptions()))

function activationOf(
  operator: LiteOperator,
  kind: BuiltinOptions,
  into: { fusedActivationFunction(): ActivationFunctionType },
): ActivationFunctionType | undefined {
  return optionsOf(operator, kind, into)?.fusedActivationFunction()
}

function binary(t: Translation, operator: LiteOperator, opType: string, activation?: ActivationFunctionType): void {
  const [a, b] = operator.inputs
  if (a === undefined || b === undefined)
    throw new FormatError(`The .tflite file is damaged: ${operator.name} lacks an input.`)
  const operands = [operand(t, a), operand(t, b)]
  const inPlanes = (t.isPlanes(a) || t.isPlanes(b)) && operands.every(({ planes }) => planes)
  const layout: Layout = inPlanes ? 'planes' : 'natural'
  const names = operands.map((x) => (inPlanes ? x.planes!() : x.natural()))
  t.set(operator.outputs[0], activate(t, t.graph.node(opType, names), activation), layout)
}

interface Operand {
  natural(): string
  /** Absent where the value cannot be lined up with planes. */
  planes?(): string
}

function operand(t: Translation, index: number): Operand {
  const { shape } = t.tensor(index)
  const natural = (): string => t.get(index)
  if (shape.length === 4) return { natural, planes: () => t.get(index, 'planes') }
  const numbers = t.floats(index)
  // Constants of lower rank lie along the channels, which are last in one layout and before the picture in the other.
  const channels = shape.at(-1) ?? 1
  if (!numbers || numbers.length !== channels) return { natural }
  return { natural, planes: () => t.graph.floats(numbers, shape.length === 0 ? [] : [channels, 1, 1]) }
}
