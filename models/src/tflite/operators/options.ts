import { FormatError } from '../../formats/reader.ts'
import { ActivationFunctionType } from '../generated/tflite/activation-function-type.ts'
import type { BuiltinOptions } from '../generated/tflite/builtin-options.ts'
import type { LiteOperator } from '../read-model.ts'
import type { Translation } from '../translation.ts'

/** Writes one operator into the graph. */
export type Translate = (t: Translation, operator: LiteOperator) => void

/** The options of an operator in `table`, or undefined when it has none. @throws {FormatError} when they are another operator's. */
export function optionsOf<T>({ table, name }: LiteOperator, kind: BuiltinOptions, into: T): T | undefined {
  const given = table.builtinOptionsType()
  if (given === 0) return undefined
  if (given !== kind) throw new FormatError(`The .tflite file is damaged: ${name} has the options of another operator.`)
  return (table.builtinOptions(into) as T | null) ?? undefined
}

/** @throws {FormatError} when they are missing. */
export function needOptions<T>(operator: LiteOperator, kind: BuiltinOptions, into: T): T {
  const options = optionsOf(operator, kind, into)
  if (!options) throw new FormatError(`The .tflite file is damaged: ${operator.name} lacks its options.`)
  return options
}

/** The activation that an operator ends with. */
export function activate(t: Translation, x: string, kind: ActivationFunctionType | undefined): string {
  switch (kind) {
    case undefined:
    case ActivationFunctionType.NONE:
      return x
    case ActivationFunctionType.RELU:
      return t.graph.relu(x)
    case ActivationFunctionType.RELU6:
      return clip(t, x, 0, 6)
    case ActivationFunctionType.RELU_N1_TO_1:
      return clip(t, x, -1, 1)
    case ActivationFunctionType.TANH:
      return t.graph.node('Tanh', [x])
    default:
      throw new FormatError(
        `The activation ${ActivationFunctionType[kind] ?? kind} of a .tflite file is not supported; NONE, RELU, RELU6, RELU_N1_TO_1 and TANH are.`,
      )
  }
}

export function clip(t: Translation, x: string, low: number, high: number): string {
  return t.graph.node('Clip', [x, t.graph.floats([low], []), t.graph.floats([high], [])])
}
