import { describe, expect, it } from 'vitest'
import { toyFace } from '../../../packages/core/src/toy-face.ts'
import type { TypedArray } from '../formats/array.ts'
import { FormatError } from '../formats/reader.ts'
import { writeSafetensors } from '../formats/safetensors.ts'
import { readMorphableModel } from './read-morphable-model.ts'

const { model } = toyFace()
const n = model.vertexCount

function file(triangles: TypedArray, landmarks: TypedArray = model.landmarks): Uint8Array {
  const basis = { data: new Float32Array(3 * n), shape: [1, 3 * n] }
  return writeSafetensors({
    tensors: {
      mean: { data: model.mean, shape: [n, 3] },
      shape_basis: basis,
      expression_basis: basis,
      triangles: { data: triangles, shape: [triangles.length / 3, 3] },
      landmarks: { data: landmarks, shape: [68] },
      uv: { data: model.uv, shape: [n, 2] },
      ncc: { data: model.ncc, shape: [n, 3] },
    },
    metadata: { id: 'toy' },
  })
}

describe('indices of a face model', () => {
  it.each<[string, (numbers: Uint32Array) => TypedArray]>([
    ['U16', (numbers) => Uint16Array.from(numbers)],
    ['I32', (numbers) => Int32Array.from(numbers)],
    ['I64', (numbers) => BigInt64Array.from(numbers, BigInt)],
    ['U64', (numbers) => BigUint64Array.from(numbers, BigInt)],
  ])('may be %s', (_, as) => {
    const read = readMorphableModel(file(as(model.triangles), as(model.landmarks)))
    expect(read.triangles).toEqual(model.triangles)
    expect(read.landmarks).toEqual(model.landmarks)
  })

  it.each<[string, TypedArray]>([
    ['negative', BigInt64Array.of(0n, 1n, -1n)],
    ['beyond 32 bits', BigInt64Array.of(0n, 1n, 2n ** 32n + 2n)],
    ['broken', Float32Array.of(0, 1, 1.5)],
  ])('are refused in a sentence where they are %s', (_, triangles) => {
    expect(() => readMorphableModel(file(triangles))).toThrow(FormatError)
    expect(() => readMorphableModel(file(triangles))).toThrow(
      'The face model has triangles that are no whole numbers from 0 in 32 bits.',
    )
  })
})

describe('bytes of a face model', () => {
  it.each([null, undefined, 'a name of a file', Promise.resolve()])('are not %s', (given) => {
    expect(() => readMorphableModel(given as never)).toThrow(/^The face model: expected its bytes as a Uint8Array/)
  })
})
