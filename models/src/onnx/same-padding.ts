/**
 * TensorFlow's SAME padding [before, behind] along one axis: as many outputs as ceil(size / stride), the odd cell behind.
 * Source: TensorFlow's documentation of tf.nn.
 */
export function samePadding(size: number, kernel: number, stride: number, dilation = 1): [number, number] {
  const reach = (kernel - 1) * dilation + 1
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size)
  return [total >> 1, total - (total >> 1)]
}
