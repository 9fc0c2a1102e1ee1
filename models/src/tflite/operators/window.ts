import { FormatError } from '../../formats/reader.ts'
import { samePadding } from '../../onnx/same-padding.ts'
import { Padding } from '../generated/tflite/padding.ts'
import type { LiteTensor } from '../read-model.ts'

/** A window that slides over a picture: height first. */
export interface Window {
  readonly kernel: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly dilation?: readonly [number, number]
  readonly padding: Padding
}

/** ONNX's attributes of a window over `input`; SAME pads as TensorFlow does, the odd pixel behind. */
export function windowAttributes(
  input: LiteTensor,
  { kernel, stride, dilation = [1, 1], padding }: Window,
): {
  kernel_shape: number[]
  strides: number[]
  dilations: number[]
  pads: number[]
} {
  const whole = [...kernel, ...stride, ...dilation].every((n) => Number.isInteger(n) && n > 0 && n <= 2 ** 16)
  if (!whole) throw new FormatError('The .tflite file is damaged: a window has sizes that are not positive.')
  const both = [0, 1].map((side): [number, number] =>
    padding === Padding.VALID
      ? [0, 0]
      : samePadding(spatial(input, side), kernel[side]!, stride[side]!, dilation[side]!),
  )
  return {
    kernel_shape: [...kernel],
    strides: [...stride],
    dilations: [...dilation],
    pads: [...both.map(([before]) => before), ...both.map(([, behind]) => behind)],
  }
}

/** Height (0) or width (1) of a picture. @throws {FormatError} where it may vary. */
export function spatial({ shape, name }: LiteTensor, side: number): number {
  const size = shape[1 + side]
  if (shape.length !== 4 || size === undefined || size < 1)
    throw new FormatError(
      `Expected pictures of a fixed height and width in the .tflite file, but ${name} is (${shape.join(', ')}).`,
    )
  return size
}
