import { checkFloats, checkIndices, isArrayOf } from './arrays.ts'
import { expect, expectObject } from './errors.ts'

/**
 * A linear (3D morphable) face model: vertices = mean + shape basis * shape coefficients + expression basis * expression
 * coefficients, in the model's own unit (micrometres for the Basel model, millimetres for `@3ddfa/open-models`), x right, y up, z
 * towards the viewer. Arrays are borrowed by the backends for the model's life and must not change.
 */
export interface MorphableModel {
  /** Names the model in results, for example `bfm_noneck_v3`. */
  readonly id: string
  readonly vertexCount: number
  readonly shapeCount: number
  readonly expressionCount: number
  /** [3n] x y z of the mean face. */
  readonly mean: Float32Array
  /** [(shape + expression)][3n]: component-major, shape components first. */
  readonly basis: Float32Array
  /** [3m] vertex indices, counter-clockwise in the picture (y down) when facing the viewer. */
  readonly triangles: Uint32Array
  /** [68] vertex indices in iBUG order. */
  readonly landmarks: Uint32Array
  /** [2n] texture coordinates in [0, 1], origin top-left, v down (as in glTF). */
  readonly uv: Float32Array
  /** [3n] normalised coordinate codes (PNCC colours) in [0, 1]. */
  readonly ncc: Float32Array
  /** What each expression component does, such as `jawOpen`; absent where components mean nothing by themselves. */
  readonly expressionNames?: readonly string[]
}

/** The 3DMM parameters of one face: 12 camera numbers (3x4 row-major, [R|t]), then shape, then expression coefficients. */
export interface FaceParams {
  /** [12] row-major 3x4 affine camera, model unit to pixels of the regressor's input. */
  readonly camera: Float32Array
  readonly shape: Float32Array
  readonly expression: Float32Array
}

/** @throws {InvalidInputError} when an array's kind or length does not fit the counts or an index is out of range. */
export function checkModel(model: MorphableModel): void {
  expectObject(model, 'model', 'a face model')
  const n = model.vertexCount
  const k = model.shapeCount + model.expressionCount
  expect(Number.isInteger(n) && n > 0, 'model.vertexCount', 'a positive integer', n)
  for (const count of ['shapeCount', 'expressionCount'] as const)
    expect(Number.isInteger(model[count]) && model[count] >= 0, `model.${count}`, 'a whole number from 0', model[count])
  checkFloats(model.mean, 3 * n, 'model.mean')
  checkFloats(model.basis, 3 * n * k, 'model.basis')
  checkIndices(model.triangles, 'model.triangles')
  checkFloats(model.uv, 2 * n, 'model.uv')
  checkFloats(model.ncc, 3 * n, 'model.ncc')
  checkIndices(model.landmarks, 'model.landmarks', 68)
  const names = model.expressionNames
  expect(
    !names || (names.length === model.expressionCount && new Set(names).size === names.length),
    'model.expressionNames',
    `${model.expressionCount} different names`,
    names,
  )
  for (const indices of [model.triangles, model.landmarks])
    for (let i = 0; i < indices.length; i++)
      expect(indices[i]! < n, 'a vertex index', `a number below ${n}`, indices[i])
}

/** Splits a regressor's output. The views share memory with `params`. */
export function splitParams(
  model: Pick<MorphableModel, 'shapeCount' | 'expressionCount'>,
  params: Float32Array,
): FaceParams {
  const expected = 12 + model.shapeCount + model.expressionCount
  expect(
    isArrayOf(params, 'Float32Array') && params.length === expected,
    'params',
    `a Float32Array of ${expected} numbers (12 camera, ${model.shapeCount} shape, ${model.expressionCount} expression)`,
    params,
  )
  return {
    camera: params.subarray(0, 12),
    shape: params.subarray(12, 12 + model.shapeCount),
    expression: params.subarray(12 + model.shapeCount),
  }
}

/** Expression coefficients by name, in the model's order; empty where the model has no names or `params` no coefficients. */
export function namedExpression(
  { shapeCount, expressionNames = [] }: Pick<MorphableModel, 'shapeCount' | 'expressionNames'>,
  params: Float32Array,
): Record<string, number> {
  expect(params?.length >= 0, 'params', 'a list of numbers', params)
  if (params.length < 12 + shapeCount + expressionNames.length) return {}
  return Object.fromEntries(expressionNames.map((name, k) => [name, params[12 + shapeCount + k]!]))
}
