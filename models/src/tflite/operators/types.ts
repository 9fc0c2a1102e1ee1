import { FormatError } from '../../formats/reader.ts'
import { TensorType } from '../generated/tflite/tensor-type.ts'
import type { Quantization } from '../read-model.ts'
import type { Translation } from '../translation.ts'
import { clip, type Translate } from './options.ts'

const RANGES: Readonly<Partial<Record<TensorType, readonly [number, number]>>> = {
  [TensorType.INT8]: [-128, 127],
  [TensorType.UINT8]: [0, 255],
}

/** Values are carried as real numbers: there is nothing to be done but to pass them on. */
export const dequantize: Translate = (t, operator) => {
  const [x] = operator.inputs
  const known = x === undefined ? undefined : t.floats(x)
  if (known) return t.setConstant(operator.outputs[0], known)
  const layout = t.layoutOf(x!)
  t.set(operator.outputs[0], t.get(x, layout), layout)
}

/** ONNX's number of the type that values of a TensorFlow Lite type are carried in. */
const CARRIED: Readonly<Partial<Record<TensorType, number>>> = {
  [TensorType.FLOAT32]: 1,
  [TensorType.INT32]: 7,
  [TensorType.INT64]: 7,
}

export const cast: Translate = (t, operator) => {
  const [x] = operator.inputs
  const [output] = operator.outputs
  const { type } = t.tensor(output)
  const to = CARRIED[type]
  if (to === undefined) throw new FormatError(`The operator CAST to ${TensorType[type] ?? type} is not supported.`)
  const layout = t.layoutOf(x!)
  t.set(output, t.graph.node('Cast', [t.get(x, layout)], { to }), layout)
}

/**
 * What storing a result in 8 bits does to it: it is rounded to the scale's steps and kept inside the range, by which
 * quantised networks also do their ReLUs.
 */
export function quantized(t: Translation, x: string, type: TensorType, { scale, zeroPoint }: Quantization): string {
  const range = RANGES[type]
  if (!range || scale.length !== 1) return x
  const step = t.graph.floats([scale[0]!], [])
  const steps = t.graph.node('Round', [t.graph.node('Div', [x, step])])
  const kept = clip(t, steps, range[0] - zeroPoint[0]!, range[1] - zeroPoint[0]!)
  return t.graph.node('Mul', [kept, step])
}
