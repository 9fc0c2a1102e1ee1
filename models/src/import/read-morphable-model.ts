import { checkModel, type MorphableModel } from '@3ddfa/core'
import { asFloat32, type NumericArray } from '../formats/array.ts'
import { FormatError } from '../formats/reader.ts'
import { needTensor, readSafetensors } from '../formats/safetensors.ts'

/**
 * The model in a file of `importMorphableModel`; its arrays are views of `bytes` where alignment allows.
 * @throws {FormatError} when the file is something else.
 * @throws {InvalidInputError} when its parts do not fit together.
 */
export function readMorphableModel(bytes: Uint8Array): MorphableModel {
  const file = readSafetensors(bytes, 'The face model')
  const { metadata } = file
  const get = (name: string): NumericArray =>
    needTensor(file, name, 'The face model', 'import it again: 3ddfa models pull bfm')
  const [shape, expression] = [get('shape_basis'), get('expression_basis')]
  const expressionNames = metadata['expression_names']?.split(',')
  const model: MorphableModel = {
    id: metadata.id ?? 'unnamed',
    vertexCount: get('mean').shape[0]!,
    shapeCount: shape.shape[0]!,
    expressionCount: expression.shape[0]!,
    mean: asFloat32(get('mean')),
    basis: joined(asFloat32(shape), asFloat32(expression)),
    triangles: asUint32(get('triangles'), 'triangles'),
    landmarks: asUint32(get('landmarks'), 'landmarks'),
    uv: asFloat32(get('uv')),
    ncc: asFloat32(get('ncc')),
    ...(expressionNames && { expressionNames }),
  }
  checkModel(model)
  for (const name of ['mean', 'basis', 'uv', 'ncc'] as const)
    if (!areFinite(model[name]))
      throw new FormatError(`The face model holds something in its ${name} that is no number.`)
  return model
}

/** Of millions, hence without a call for each: what is not finite makes nothing of 0. */
function areFinite(numbers: Float32Array): boolean {
  let sum = 0
  for (let i = 0; i < numbers.length; i++) sum += 0 * numbers[i]!
  return sum === 0
}

/** Indices are written with 16 bits for the web; PyTorch's have 64. */
function asUint32({ data }: NumericArray, name: string): Uint32Array {
  if (data instanceof Uint32Array) return data
  const indices = Uint32Array.from(data as ArrayLike<number | bigint>, Number)
  if (!indices.every((index, i) => index === Number(data[i])))
    throw new FormatError(`The face model has ${name} that are no whole numbers from 0 in 32 bits.`)
  return indices
}

/** Shape and expression basis as one array: a view where they lie side by side in the file, as our writer puts them. */
function joined(first: Float32Array, second: Float32Array): Float32Array {
  const adjacent = first.buffer === second.buffer && first.byteOffset + first.byteLength === second.byteOffset
  if (adjacent) return new Float32Array(first.buffer, first.byteOffset, first.length + second.length)
  const both = new Float32Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
