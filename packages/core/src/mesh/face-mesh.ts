import { checkFloats, checkIndices, checkPoints } from '../arrays.ts'
import { expect, expectObject } from '../errors.ts'

/** A mesh to be written: coordinates as in the picture (pixels, y down); writers turn them y up. */
export interface FaceMesh {
  /** [3n] x y z */
  readonly vertices: Float32Array
  /** [3m] */
  readonly triangles: Uint32Array
  /** [3n] RGB in [0, 1] */
  readonly colors?: Float32Array | undefined
  /** [3n] unit normals, y down as the vertices */
  readonly normals?: Float32Array | undefined
  /** [2n] origin top-left */
  readonly uv?: Float32Array | undefined
}

/** @throws {InvalidInputError} on kinds of arrays or lengths that disagree, an index out of range or a number that is not finite. */
export function checkMesh(mesh: FaceMesh, name = 'mesh'): void {
  expectObject(mesh, name, 'a mesh, { vertices, triangles },')
  const { vertices, triangles, colors, normals, uv } = mesh
  checkPoints(vertices, `${name}.vertices`)
  const n = vertices.length / 3
  expect(n > 0, `${name}.vertices`, 'at least one point', vertices)
  checkIndices(triangles, `${name}.triangles`)
  for (const [key, array, width] of [
    ['colors', colors, 3],
    ['normals', normals, 3],
    ['uv', uv, 2],
  ] as const)
    if (array !== undefined) {
      checkFloats(array, width * n, `${name}.${key}`)
      checkFinite(array, `${name}.${key}`)
    }
  for (let i = 0; i < triangles.length; i++)
    if (!(triangles[i]! < n)) expect(false, `${name}.triangles`, `indices below ${n}`, triangles[i])
  checkFinite(vertices, `${name}.vertices`)
}

function checkFinite(values: Float32Array, name: string): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]!)) expect(false, name, 'finite numbers', values[i])
}

/** What writers are given. @throws {InvalidInputError} unless it is a list of meshes that add up, and options. */
export function checkMeshes(meshes: readonly FaceMesh[], options: object, wanted: string): void {
  expect(Array.isArray(meshes), 'meshes', 'a list of meshes', meshes)
  meshes.forEach((mesh, i) => {
    checkMesh(mesh, `meshes[${i}]`)
  })
  expectObject(options, 'options', wanted)
}
