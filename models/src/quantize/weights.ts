import { FormatError } from '../formats/reader.ts'
import type { TensorProto } from '../onnx/generated/onnx_pb.ts'
import { floatsOf } from './onnx-file.ts'

/** Weights of a convolution, a scale for each output channel: weight = scale[channel] * byte. */
export interface QuantizedWeights {
  readonly bytes: Int8Array
  readonly scales: Float32Array
  /** In units of input scale times weight scale. */
  readonly bias: Int32Array
  readonly dims: readonly number[]
}

/** Sums of products are 32 bits wide; the bias leaves room for them. */
const LARGEST_BIAS = 2 ** 29

/**
 * @param inputScale of the bytes that are convolved.
 * @param shift what to add to each input channel's numbers, since their bytes' zero is elsewhere.
 */
export function quantizeWeights(
  weight: TensorProto,
  bias: TensorProto | undefined,
  inputScale: number,
  shift: readonly number[] = [],
): QuantizedWeights {
  const dims = weight.dims.map(Number)
  const [rows, inputs] = dims as [number, number]
  const values = floatsOf(weight)
  const biases = bias ? floatsOf(bias) : new Float32Array(rows)
  if (!values || !biases || dims.length !== 4) throw new FormatError(`The weights ${weight.name} are not float32.`)
  if (!values.every(Number.isFinite) || !biases.every(Number.isFinite))
    throw new FormatError(`The weights ${weight.name} hold something that is no number.`)
  const width = values.length / rows
  const area = width / inputs
  const bytes = new Int8Array(values.length)
  const scales = new Float32Array(rows)
  const whole = new Int32Array(rows)
  for (let o = 0; o < rows; o++) {
    const row = values.subarray(o * width, (o + 1) * width)
    const constant = row.reduce((sum, w, i) => sum + w * (shift[Math.floor(i / area)] ?? 0), biases[o]!)
    const largest = row.reduce((most, w) => Math.max(most, Math.abs(w)), 0)
    const scale = Math.fround(Math.max(largest / 127, Math.abs(constant) / inputScale / LARGEST_BIAS) || 1)
    row.forEach((w, i) => {
      bytes[o * width + i] = Math.round(w / scale)
    })
    scales[o] = scale
    whole[o] = Math.round(constant / (inputScale * scale))
  }
  return { bytes, scales, bias: whole, dims }
}
