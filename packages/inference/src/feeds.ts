import { expect, isArrayOf, type Tensor, type TensorInfo } from '@3ddfa/core'

/** The arrays that may hold a tensor of each type. */
const ARRAYS = {
  float32: ['Float32Array'],
  uint8: ['Uint8Array', 'Uint8ClampedArray'],
  int32: ['Int32Array'],
  int64: ['BigInt64Array'],
} as const satisfies Record<Tensor['type'], readonly string[]>

/**
 * Checks what a caller feeds against what the network takes, because a runtime's own complaint is long and names its
 * source files.
 * @throws {InvalidInputError} on a missing or unknown name, a wrong type, dims that do not fit, or data of another length.
 */
export function checkFeeds(inputs: readonly TensorInfo[], feeds: Record<string, Tensor>): void {
  expect(typeof feeds === 'object' && feeds !== null, 'feeds', 'an object of tensors by input name', feeds)
  for (const name of Object.keys(feeds))
    expect(
      inputs.some((input) => input.name === name),
      'a feed',
      `the name of an input (${inputs.map((input) => input.name).join(', ')})`,
      name,
    )
  for (const input of inputs) checkFeed(input, feeds[input.name])
}

function checkFeed(input: TensorInfo, tensor: Tensor | undefined): void {
  const name = `feed "${input.name}"`
  expect(typeof tensor === 'object' && tensor !== null, name, 'a tensor', tensor)
  expect(tensor.type === input.type, `the type of ${name}`, input.type, tensor.type)
  const arrays = ARRAYS[input.type]
  expect(isArrayOf(tensor.data, ...arrays), `the data of ${name}`, `a ${arrays.join(' or ')}`, tensor.data)
  expect(dimsFit(input.dims, tensor.dims), `the dims of ${name}`, shape(input.dims), shape(tensor.dims))
  const length = tensor.dims.reduce((product, dim) => product * dim, 1)
  expect(
    tensor.data.length === length,
    `the data of ${name}`,
    `${length} elements (${shape(tensor.dims)})`,
    tensor.data,
  )
}

function dimsFit(expected: readonly number[], dims: readonly number[]): boolean {
  return (
    Array.isArray(dims) &&
    dims.length === expected.length &&
    dims.every((dim, i) => Number.isInteger(dim) && dim > 0 && (expected[i] === -1 || expected[i] === dim))
  )
}

/** `[1, ?, ?, 3]`, where ? is any positive number. */
function shape(dims: unknown): string {
  return Array.isArray(dims) ? `[${dims.map((dim) => (dim === -1 ? '?' : dim)).join(', ')}]` : String(dims)
}
