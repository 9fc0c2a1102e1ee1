import { checkIndices, isArrayOf } from '../arrays.ts'
import { expect, expectObject } from '../errors.ts'

/** Triangles with texture coordinates: all that textures need of a model. A `MorphableModel` is one. */
export interface UvMesh {
  /** [3m] vertex indices. */
  readonly triangles: Uint32Array
  /** [2n] texture coordinates in [0, 1], origin top-left, v down. */
  readonly uv: Float32Array
}

/** @throws {InvalidInputError} unless it has triangles and texture coordinates. */
export function checkUvMesh(mesh: UvMesh): void {
  expectObject(mesh, 'mesh', 'a mesh, { triangles, uv },')
  checkIndices(mesh.triangles, 'mesh.triangles')
  checkUv(mesh.uv, 'mesh.uv')
}

/** @throws {InvalidInputError} unless they are whole texture coordinates [2n]. */
export function checkUv(uv: Float32Array, name: string): void {
  const fits = isArrayOf(uv, 'Float32Array') && uv.length % 2 === 0
  expect(fits, name, 'a Float32Array of an even count of numbers', uv)
}
