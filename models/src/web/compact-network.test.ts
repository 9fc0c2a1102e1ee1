import { create, toBinary } from '@bufbuild/protobuf'
import { expect, it } from 'vitest'
import { FormatError } from '../formats/reader.ts'
import { ModelProtoSchema } from '../onnx/generated/onnx_pb.ts'
import { makeNode, makeTensor, parseOnnx } from '../quantize/onnx-file.ts'
import { compactNetwork } from './compact-network.ts'

/** y = x + bias. @param bytes that are left of the bias. */
function network(dims: readonly number[], bytes = 4 * 4096): Uint8Array {
  const bias = makeTensor('bias', 'float32', new Float32Array(4096).fill(1), dims)
  bias.rawData = bias.rawData.subarray(0, bytes)
  const graph = { node: [makeNode('Add', ['x', 'bias'], 'y')], initializer: [bias] }
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph }))
}

it.each([[[4096]], [[64, 64]], [[1, 4096]]])('halves a constant of the shape %j', (dims) => {
  const { graph } = parseOnnx(compactNetwork(network(dims)))
  expect(graph.initializer[0]).toMatchObject({ name: 'bias_half', rawData: { length: 2 * 4096 } })
})

it.each([[[0]], [[0, 4096]], [[-1]], [[-1, -4096]], [[2 ** 53]], [[]]])(
  'refuses a constant whose numbers have not the shape %j',
  (dims) => {
    expect(() => compactNetwork(network(dims))).toThrow(FormatError)
    expect(() => compactNetwork(network(dims))).toThrow(
      `The network is damaged: its constant bias has 16384 bytes for the shape (${dims.join(', ')}).`,
    )
  },
  5000,
)

it('refuses a constant that is cut within a number', () => {
  expect(() => compactNetwork(network([4096], 10_001))).toThrow(
    'its constant bias has 10001 bytes for the shape (4096)',
  )
})
