import { asFloat32, type NumericArray } from '../formats/array.ts'
import { FormatError } from '../formats/reader.ts'
import type { ConvWeights } from '../onnx/graph-builder.ts'

/** The tensors of a checkpoint by name, with errors that say what a network lacks. */
export class StateDict {
  constructor(
    readonly tensors: ReadonlyMap<string, NumericArray>,
    /** What the tensors should be, for errors. */
    readonly network: string,
  ) {}

  has(name: string): boolean {
    return this.tensors.has(name)
  }

  /** @throws {FormatError} when it is missing or has another number of axes. */
  tensor(name: string, axes: number): { data: Float32Array; shape: readonly number[] } {
    const array = this.tensors.get(name)
    if (!array) throw new FormatError(`The checkpoint is not a ${this.network}: it has no ${name}.`)
    if (array.shape.length !== axes)
      throw new FormatError(
        `The checkpoint is not a ${this.network}: ${name} has the shape (${array.shape.join(', ')}).`,
      )
    const data = asFloat32(array)
    if (!data.every(Number.isFinite))
      throw new FormatError(`${name} of the checkpoint holds something that is no number: the training has diverged.`)
    return { data, shape: array.shape }
  }

  vector(name: string, length: number): Float32Array {
    const { data } = this.tensor(name, 1)
    if (data.length !== length)
      throw new FormatError(
        `The checkpoint is not a ${this.network}: ${name} has ${data.length} numbers, expected ${length}.`,
      )
    return data
  }

  /** A convolution with its own bias or none. */
  conv(name: string): ConvWeights {
    const { data, shape } = this.tensor(`${name}.weight`, 4)
    const bias = this.has(`${name}.bias`) ? this.vector(`${name}.bias`, shape[0]!) : new Float32Array(shape[0]!)
    return { weight: data, bias, shape: shape as ConvWeights['shape'] }
  }

  /** A convolution and the batch norm behind it as one convolution, folded in double precision. */
  convBn(conv: string, bn: string, epsilon = 1e-5): ConvWeights {
    const { weight, bias, shape } = this.conv(conv)
    const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      this.vector(`${bn}.${part}`, shape[0]),
    )
    if (!variance!.every((value) => value >= 0))
      throw new FormatError(`Expected variances in ${bn}.running_var of the checkpoint but one is negative.`)
    const scale = Float64Array.from(gamma!, (g, i) => g / Math.sqrt(variance![i]! + epsilon))
    const size = weight.length / shape[0]
    return {
      shape,
      weight: Float32Array.from(weight, (w, i) => w * scale[Math.floor(i / size)]!),
      bias: Float32Array.from(beta!, (b, i) => b + (bias[i]! - mean![i]!) * scale[i]!),
    }
  }
}

/**
 * First layer of a network that was trained on BGR: takes RGB instead, and values that are `factor` times as large as those
 * it knows.
 */
export function fromRgb({ weight, bias, shape }: ConvWeights, factor = 1): ConvWeights {
  const [out, channels, height, width] = shape
  const plane = height * width
  if (channels !== 3) throw new FormatError(`Expected a first layer of 3 input channels but it has ${channels}.`)
  const swapped = new Float32Array(weight.length)
  for (let o = 0; o < out; o++)
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < plane; i++) swapped[(o * 3 + c) * plane + i] = weight[(o * 3 + 2 - c) * plane + i]! / factor
  return { weight: swapped, bias, shape }
}

/** Two or more convolutions that read the same input with the same geometry, as one with all their outputs. */
export function stack(...convs: ConvWeights[]): ConvWeights {
  const [, ...rest] = convs[0]!.shape
  return {
    shape: [convs.reduce((sum, c) => sum + c.shape[0], 0), ...rest] as unknown as ConvWeights['shape'],
    weight: Float32Array.from(convs.flatMap((c) => [...c.weight])),
    bias: Float32Array.from(convs.flatMap((c) => [...c.bias])),
  }
}
