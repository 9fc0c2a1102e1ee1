import { checkFloats, checkIndices } from '../arrays.ts'
import { expect, expectObject } from '../errors.ts'
import { checkUv } from '../texture/uv-mesh.ts'
import { cellsOfMap, type UvTopology } from './uv-topology.ts'

/** Positions of a face's skin laid out by UV: what a position-map network gives, and what a mesh can be turned into. */
export interface PositionMap {
  /** Side in cells. Cell (column, row) is at u = (column + 0.5) / size, v = (row + 0.5) / size. */
  readonly size: number
  /** [size][size][3] x y z in picture pixels (y down, larger z nearer), rows from the top; 0 0 0 outside the face. */
  readonly data: Float32Array
}

/** @throws {InvalidInputError} when size and data disagree. */
export function checkPositionMap(map: PositionMap): void {
  expectObject(map, 'map', 'a position map')
  const { size, data } = map
  expect(Number.isInteger(size) && size > 0, 'map.size', 'a positive integer', size)
  checkFloats(data, 3 * size * size, 'map.data')
}

/**
 * Vertices [3n] of a map that is as large as the topology's grid or larger, into `out` when given: to the bit those that the map was
 * made of (`positionMapOfTopology`). Source, for the topology's own size: PRNet `api.py` `get_vertices`.
 * @throws {InvalidInputError} for a smaller map, which cannot hold them.
 */
export function verticesOfPositionMap(
  map: PositionMap,
  topology: Pick<UvTopology, 'size' | 'cells'>,
  out?: Float32Array,
): Float32Array {
  checkPositionMap(map)
  const cells = cellsOfMap(topology, map.size)
  const vertices = out ?? new Float32Array(3 * cells.length)
  checkFloats(vertices, 3 * cells.length, 'out')
  for (let i = 0; i < cells.length; i++) for (let k = 0; k < 3; k++) vertices[3 * i + k] = map.data[3 * cells[i]! + k]!
  return vertices
}

/**
 * The 68 landmarks [204] among vertices [3n] of a topology or of a morphable model; smallest z as it is.
 * @throws {InvalidInputError} when they have fewer vertices than the landmarks name.
 */
export function pickLandmarks(mesh: { readonly landmarks: Uint32Array }, vertices: Float32Array): Float32Array {
  checkIndices(mesh?.landmarks, 'landmarks', 68)
  const { landmarks } = mesh
  const least = 3 * (Math.max(...landmarks) + 1)
  expect(vertices?.length >= least, 'vertices', `${least} numbers or more`, vertices)
  const out = new Float32Array(3 * landmarks.length)
  for (let i = 0; i < landmarks.length; i++)
    for (let k = 0; k < 3; k++) out[3 * i + k] = vertices[3 * landmarks[i]! + k]!
  return out
}

/**
 * Points [3n] of a map at texture coordinates [2n] (origin top-left), bilinear between the cells that belong to the face (those
 * not 0 0 0). In the middle of a cell it is that cell: a topology's vertices come back to the bit, others as well as the cells around
 * them tell. A coordinate with no cell of the face around it gives NaN.
 */
export function samplePositionMap(map: PositionMap, uv: Float32Array): Float32Array {
  checkPositionMap(map)
  checkUv(uv, 'uv')
  const { size, data } = map
  const out = new Float32Array((3 * uv.length) / 2)
  for (let i = 0; i < uv.length / 2; i++) {
    const x = uv[2 * i]! * size - 0.5
    const y = uv[2 * i + 1]! * size - 0.5
    let total = 0
    for (const row of [Math.floor(y), Math.floor(y) + 1])
      for (const column of [Math.floor(x), Math.floor(x) + 1]) {
        if (!(row >= 0 && column >= 0 && row < size && column < size)) continue
        const cell = 3 * (row * size + column)
        if (data[cell] === 0 && data[cell + 1] === 0 && data[cell + 2] === 0) continue
        const weight = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row))
        total += weight
        for (let k = 0; k < 3; k++) out[3 * i + k]! += weight * data[cell + k]!
      }
    for (let k = 0; k < 3; k++) out[3 * i + k]! /= total
  }
  return out
}
