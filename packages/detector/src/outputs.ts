import { expect, isArrayOf, type Tensor } from '@3ddfa/core'

/** The float32 data of an output that must hold `length` numbers; a network of another kind fails here and not later. */
export function readFloats(outputs: Record<string, Tensor>, name: string, length: number): Float32Array {
  const data = outputs[name]?.data
  expect(
    isArrayOf(data, 'Float32Array') && data.length === length,
    `the network's output "${name}"`,
    `${length} float32 numbers`,
    data,
  )
  return data
}
