import { checkFloats, checkIndices, isArrayOf } from '../arrays.ts'
import { expect, expectObject } from '../errors.ts'
import type { UvMesh } from '../texture/uv-mesh.ts'

/**
 * A face mesh whose vertices are cells of a square UV grid, as position-map networks give it (PRNet: 43,867 cells of a
 * 256 x 256 grid, 86,907 triangles, 68 points). Its data is other people's: `@3ddfa/models` imports it from their files.
 */
export interface UvTopology {
  /** Names the topology in results, for example `prnet-uv-256`. */
  readonly id: string
  /** Side of the grid in cells. */
  readonly size: number
  /** [n] cell of each vertex, row * size + column, rising (PRNet's `face_ind`). */
  readonly cells: Uint32Array
  /** [3m] vertex indices, wound as a morphable model's: counter-clockwise seen from outside in a frame whose y points down. */
  readonly triangles: Uint32Array
  /** [68] vertex indices (not cells) in iBUG order (PRNet's `uv_kpt_ind`). */
  readonly landmarks: Uint32Array
  /** [3n] x y z of the mean face looking straight ahead: x right, y down, larger z nearer, any unit. */
  readonly canonical: Float32Array
}

/**
 * Where the vertices of a `UvTopology` lie on a morphable model: in one of its triangles, by barycentric weights. Three zeros
 * stand for skin that the model lacks (3DDFA_V2's model has no neck, PRNet's grid has a little of it below the ears).
 */
export interface UvCorrespondence {
  /** Vertices of the model that it belongs to. */
  readonly vertexCount: number
  /** [3n] vertex indices of the model. */
  readonly corners: Uint32Array
  /** [3n] weights of these, each three adding up to 1, or all 0. */
  readonly weights: Float32Array
}

/** @throws {InvalidInputError} when lengths disagree, or a cell or an index is out of range. */
export function checkUvTopology(topology: UvTopology): void {
  checkCells(topology)
  const { size, cells, triangles, landmarks, canonical } = topology
  const n = cells.length
  expect(Number.isInteger(size) && size >= 2 && size <= 8192, 'topology.size', 'a whole number from 2 to 8192', size)
  expect(n > 0, 'topology.cells', 'at least one cell', cells)
  checkIndices(triangles, 'topology.triangles')
  checkIndices(landmarks, 'topology.landmarks', 68)
  checkFloats(canonical, 3 * n, 'topology.canonical')
  for (let i = 0; i < n; i++)
    if (!(cells[i]! < size * size && (i === 0 || cells[i]! > cells[i - 1]!)))
      expect(false, 'topology.cells', `rising numbers below ${size * size}`, cells[i])
  for (const indices of [triangles, landmarks])
    for (let i = 0; i < indices.length; i++)
      if (!(indices[i]! < n)) expect(false, 'a vertex index of the topology', `a number below ${n}`, indices[i])
}

/** @throws {InvalidInputError} unless there are cells. */
export function checkCells(topology: Pick<UvTopology, 'cells'>): void {
  expectObject(topology, 'topology', 'a UV topology')
  expect(isArrayOf(topology.cells, 'Uint32Array'), 'topology.cells', 'a Uint32Array', topology.cells)
}

/** @throws {InvalidInputError} when lengths disagree or an index is out of range. */
export function checkUvCorrespondence(correspondence: UvCorrespondence, topology: Pick<UvTopology, 'cells'>): void {
  checkCells(topology)
  expectObject(correspondence, 'correspondence', 'a UV correspondence')
  const { vertexCount, corners, weights } = correspondence
  const length = 3 * topology.cells.length
  checkIndices(corners, 'correspondence.corners', length)
  checkFloats(weights, length, 'correspondence.weights')
  for (let i = 0; i < length; i++)
    if (!(corners[i]! < vertexCount))
      expect(false, 'correspondence.corners', `indices below ${vertexCount}`, corners[i])
}

/**
 * [n] cell of each vertex in a map of another size: that in which its texture coordinate lies. No two vertices share one, since
 * in a map as large as the topology's or larger neighbours are a cell apart or more.
 * @throws {InvalidInputError} for a map that is smaller, which cannot hold the vertices.
 */
export function cellsOfMap(topology: Pick<UvTopology, 'size' | 'cells'>, mapSize: number): Uint32Array {
  checkCells(topology)
  const { size, cells } = topology
  expect(Number.isInteger(mapSize) && mapSize >= size, 'the size of the map', `a whole number from ${size}`, mapSize)
  const at = (cell: number): number => Math.floor(((2 * cell + 1) * mapSize) / (2 * size))
  return cells.map((cell) => at(Math.floor(cell / size)) * mapSize + at(cell % size))
}

/**
 * Triangles and texture coordinates of a topology: cell (column, row) is at u = (column + 0.5) / size, v likewise. For a position map
 * of another size (`mapSize`) each vertex lies in the middle of its cell there (`cellsOfMap`), half a cell of it away at most.
 */
export function uvMeshOf(topology: UvTopology, mapSize: number = topology?.size): UvMesh {
  const cells = cellsOfMap(topology, mapSize)
  const uv = new Float32Array(2 * cells.length)
  for (let i = 0; i < cells.length; i++) {
    uv[2 * i] = ((cells[i]! % mapSize) + 0.5) / mapSize
    uv[2 * i + 1] = (Math.floor(cells[i]! / mapSize) + 0.5) / mapSize
  }
  return { triangles: topology.triangles, uv }
}
