import { createNodeSession } from '@3ddfa/inference/node'
import { create, toBinary } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { GraphProtoSchema, ModelProtoSchema } from '../src/onnx/generated/onnx_pb.ts'
import { valueInfo } from '../src/onnx/graph-builder.ts'
import { makeNode } from '../src/quantize/onnx-file.ts'
import { raiseOpset } from '../src/quantize/raise-opset.ts'

/** A network of one operator. */
function network(opType: string, version: number, attributes: Record<string, number | number[]> = {}) {
  const graph = create(GraphProtoSchema, {
    name: 'one',
    node: [makeNode(opType, ['x'], 'y', attributes)],
    input: [valueInfo('x', 'float32', [1, 2, 3])],
    output: [valueInfo('y', 'float32', ['a', 'b', 'c'])],
  })
  return create(ModelProtoSchema, { irVersion: 4n, opsetImport: [{ domain: '', version: BigInt(version) }], graph })
}

async function run(model: ReturnType<typeof network>): Promise<number[]> {
  const session = await createNodeSession(toBinary(ModelProtoSchema, model), { threads: 1 })
  const { y } = await session.run({ x: { type: 'float32', data: Float32Array.of(1, 2, 3, 4, 5, 6), dims: [1, 2, 3] } })
  await session.dispose()
  expect(y!.dims).toEqual([1, 2, 3])
  return Array.from(y!.data as Float32Array, (value) => Math.round(1e6 * value))
}

describe('raiseOpset', () => {
  it.each([
    ['Sigmoid', {}],
    ['Softmax', {}],
    ['Softmax', { axis: 2 }],
  ])('leaves the numbers of %s %j', async (opType, attributes) => {
    const model = network(opType, 9, attributes)
    const before = await run(model)
    raiseOpset(model)
    expect(model.opsetImport[0]!.version).toBe(13n)
    expect(await run(model)).toEqual(before)
  })

  it('leaves a new network as it is, and refuses what has changed since', () => {
    const recent = network('Softmax', 17)
    raiseOpset(recent)
    expect([recent.opsetImport[0]!.version, recent.graph!.node.length]).toEqual([17n, 1])
    expect(() => raiseOpset(network('ReduceSum', 11, { axes: [1] }))).toThrow(
      'Expected a network of ONNX operators of version 13 or later, but its ReduceSum is of version 11; export it again with a newer one.',
    )
  })
})
