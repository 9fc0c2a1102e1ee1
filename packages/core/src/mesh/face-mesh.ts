import { expect } from '../errors.ts'

/** A mesh to be written: coordinates as in the picture (pixels, y down); writers turn them y up. */
export interface FaceMesh {
  /** [3n] x y z */
  readonly vertices: Float32Array
  /** [3m] */
  readonly triangles: Uint32Array
  /** [3n] RGB in [0, 1] */
  readonly colors?: Float32Array
  /** [3n] unit normals, y down as the vertices */
  readonly normals?: Float32Array
  /** [2n] origin top-left */
  readonly uv?: Float32Array
}

/** @throws {InvalidInputError} on lengths that disagree, an index out of range or a vertex that is not finite. */
export function checkMesh({ vertices, triangles, colors, normals, uv }: FaceMesh, name = 'mesh'): void {
  const n = vertices.length / 3
  expect(Number.isInteger(n) && n > 0, `${name}.vertices`, 'a multiple of 3 numbers', vertices)
  expect(triangles.length % 3 === 0, `${name}.triangles`, 'a multiple of 3 indices', triangles)
  for (const [key, array, width] of [
    ['colors', colors, 3],
    ['normals', normals, 3],
    ['uv', uv, 2],
  ] as const)
    expect(array === undefined || array.length === width * n, `${name}.${key}`, `${width * n} numbers`, array)
  for (let i = 0; i < triangles.length; i++)
    if (!(triangles[i]! < n)) expect(false, `${name}.triangles`, `indices below ${n}`, triangles[i])
  for (let i = 0; i < vertices.length; i++)
    if (!Number.isFinite(vertices[i]!)) expect(false, `${name}.vertices`, 'finite numbers', vertices[i])
}
