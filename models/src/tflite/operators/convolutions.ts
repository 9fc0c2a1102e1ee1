import { permute } from '../../formats/array.ts'
import { FormatError } from '../../formats/reader.ts'
import { samePadding } from '../../onnx/same-padding.ts'
import type { ActivationFunctionType } from '../generated/tflite/activation-function-type.ts'
import { BuiltinOptions } from '../generated/tflite/builtin-options.ts'
import { Conv2DOptions } from '../generated/tflite/conv2-doptions.ts'
import { DepthwiseConv2DOptions } from '../generated/tflite/depthwise-conv2-doptions.ts'
import { Padding } from '../generated/tflite/padding.ts'
import { Pool2DOptions } from '../generated/tflite/pool2-doptions.ts'
import { TransposeConvOptions } from '../generated/tflite/transpose-conv-options.ts'
import type { LiteOperator } from '../read-model.ts'
import type { Translation } from '../translation.ts'
import { activate, needOptions, type Translate } from './options.ts'
import { spatial, type Window, windowAttributes } from './window.ts'

interface Weights {
  readonly data: Float32Array
  readonly shape: readonly [number, number, number, number]
}

export const conv2d: Translate = (t, operator) => {
  const o = needOptions(operator, BuiltinOptions.Conv2DOptions, new Conv2DOptions())
  const weights = weightsOf(t, operator, 1)
  const [out, height, width, inputs] = weights.shape
  const groups = channels(t, operator.inputs[0]) / inputs
  if (!Number.isInteger(groups))
    throw new FormatError('The .tflite file is damaged: a convolution does not fit its input.')
  const window = geometry(o, height, width)
  const ordered = {
    data: permute(weights.data, weights.shape, [0, 3, 1, 2]),
    shape: [out, inputs, height, width] as const,
  }
  convolve(t, operator, ordered, groups, window, o.fusedActivationFunction())
}

export const depthwiseConv2d: Translate = (t, operator) => {
  const o = needOptions(operator, BuiltinOptions.DepthwiseConv2DOptions, new DepthwiseConv2DOptions())
  const weights = weightsOf(t, operator, 1)
  const [one, height, width, out] = weights.shape
  const groups = channels(t, operator.inputs[0])
  if (one !== 1 || out % groups !== 0)
    throw new FormatError('The .tflite file is damaged: a convolution does not fit its input.')
  const window = geometry(o, height, width)
  const ordered = { data: permute(weights.data, weights.shape, [3, 0, 1, 2]), shape: [out, 1, height, width] as const }
  convolve(t, operator, ordered, groups, window, o.fusedActivationFunction())
}

function geometry(o: Conv2DOptions | DepthwiseConv2DOptions, height: number, width: number): Window {
  return {
    kernel: [height, width],
    stride: [o.strideH(), o.strideW()],
    dilation: [o.dilationHFactor(), o.dilationWFactor()],
    padding: o.padding(),
  }
}

function convolve(
  t: Translation,
  operator: LiteOperator,
  { data, shape }: Weights,
  groups: number,
  window: Window,
  activation: ActivationFunctionType,
): void {
  const [x, , bias = -1] = operator.inputs
  const y = t.graph.node('Conv', [t.get(x, 'planes'), t.graph.floats(data, shape), biasOf(t, bias, shape[0])], {
    ...windowAttributes(t.tensor(x), window),
    group: groups,
  })
  t.set(operator.outputs[0], activate(t, y, activation), 'planes')
}

/** Inputs: shape of the result, weights [out, h, w, in], picture, bias. */
export const transposeConv: Translate = (t, operator) => {
  const o = needOptions(operator, BuiltinOptions.TransposeConvOptions, new TransposeConvOptions())
  const weights = weightsOf(t, operator, 1)
  const [out, height, width, inputs] = weights.shape
  const x = operator.inputs[2]
  const size = t.integers(operator, 0).slice(1, 3)
  const stride = [o.strideH(), o.strideW()]
  const sides = [height, width].map((kernel, side) => {
    // It is the gradient of a convolution from the result to the picture, which pads as that does.
    const same = o.padding() === Padding.SAME
    const [before, behind] = same ? samePadding(size[side]!, kernel, stride[side]!) : [0, 0]
    const full = (spatial(t.tensor(x), side) - 1) * stride[side]! + kernel - before - behind
    return { before, behind, extra: size[side]! - full }
  })
  if (sides.some(({ extra }, side) => !(extra >= 0 && extra < stride[side]!)))
    throw new FormatError('The .tflite file is damaged: a transposed convolution does not fit its result.')
  const kernel = t.graph.floats(permute(weights.data, weights.shape, [3, 0, 1, 2]), [inputs, out, height, width])
  const y = t.graph.node('ConvTranspose', [t.get(x, 'planes'), kernel, biasOf(t, operator.inputs[3] ?? -1, out)], {
    kernel_shape: [height, width],
    strides: stride,
    pads: [...sides.map(({ before }) => before), ...sides.map(({ behind }) => behind)],
    output_padding: sides.map(({ extra }) => extra),
  })
  t.set(operator.outputs[0], activate(t, y, o.fusedActivationFunction()), 'planes')
}

export const averagePool: Translate = (t, operator) => pool(t, operator, 'AveragePool')
export const maxPool: Translate = (t, operator) => pool(t, operator, 'MaxPool')

function pool(t: Translation, operator: LiteOperator, kind: string): void {
  const o = needOptions(operator, BuiltinOptions.Pool2DOptions, new Pool2DOptions())
  const [x] = operator.inputs
  const window: Window = {
    kernel: [o.filterHeight(), o.filterWidth()],
    stride: [o.strideH(), o.strideW()],
    padding: o.padding(),
  }
  const { dilations: _, ...attributes } = windowAttributes(t.tensor(x), window)
  const y = t.graph.node(kind, [t.get(x, 'planes')], attributes)
  t.set(operator.outputs[0], activate(t, y, o.fusedActivationFunction()), 'planes')
}

function weightsOf(t: Translation, operator: LiteOperator, input: number): Weights {
  const index = operator.inputs[input]
  const { shape } = t.tensor(index)
  const data = t.floats(index!)
  if (!data) throw new FormatError(`The operator ${operator.name} with computed weights is not supported.`)
  if (shape.length !== 4 || data.length === 0)
    throw new FormatError(
      `The .tflite file is damaged: ${operator.name} has weights of the shape (${shape.join(', ')}).`,
    )
  return { data, shape: shape as unknown as Weights['shape'] }
}

function biasOf(t: Translation, index: number, count: number): string {
  const bias = index < 0 ? new Float32Array(count) : t.floats(index)
  if (bias?.length !== count)
    throw new FormatError('The .tflite file is damaged: a convolution has a bias that does not fit.')
  return t.graph.floats(bias, [count])
}

function channels(t: Translation, index: number | undefined): number {
  const count = t.tensor(index).shape[3]
  if (count === undefined || count < 1)
    throw new FormatError('The .tflite file is damaged: a convolution on no picture.')
  return count
}
