import { checkFloats } from '../arrays.ts'
import type { Backend } from '../backend.ts'
import { expectObject } from '../errors.ts'
import { createUvChart, placeTexels, type UvChart } from '../texture/uv-chart.ts'
import { checkUvMesh, type UvMesh } from '../texture/uv-mesh.ts'
import type { PositionMap } from './position-map.ts'
import { checkCells, type UvTopology, uvMeshOf } from './uv-topology.ts'

/**
 * The position map of a topology's own size: each vertex in its cell, to the bit. With PRNet's topology it is the network's
 * 256 x 256 x 3 layout.
 */
export function positionMapOfGrid(topology: Pick<UvTopology, 'size' | 'cells'>, vertices: Float32Array): PositionMap {
  checkCells(topology)
  const { size, cells } = topology
  checkFloats(vertices, 3 * cells.length, 'vertices')
  const data = new Float32Array(3 * size * size)
  for (let i = 0; i < cells.length; i++) for (let k = 0; k < 3; k++) data[3 * cells[i]! + k] = vertices[3 * i + k]!
  return { size, data }
}

/**
 * The position map of a topology at any size from its own on: each vertex in its cell (`cellsOfMap`) to the bit, and piecewise linear
 * over the triangles between them. `verticesOfPositionMap` gives the vertices back.
 * @throws {InvalidInputError} for a smaller map, which cannot hold them.
 */
export function positionMapOfTopology(
  topology: UvTopology,
  vertices: Float32Array,
  size: number,
  backend: Backend,
): PositionMap {
  if (size === topology?.size) return positionMapOfGrid(topology, vertices)
  const mesh = uvMeshOf(topology, size)
  return positionMapOfChart(createUvChart(mesh, size, backend), vertices, mesh)
}

/** A vertex no farther than this from a cell's centre, in cells, lies on it. */
const ON_CENTRE = 1e-3

/**
 * The position map of any mesh with texture coordinates, at the size of its chart (`createUvChart`): piecewise linear over its
 * triangles, and exact in cells on whose centre a vertex lies.
 * @throws {InvalidInputError} when the vertices are not of the mesh.
 */
export function positionMapOfChart(chart: UvChart, vertices: Float32Array, mesh: UvMesh): PositionMap {
  expectObject(chart, 'chart', 'a UV chart')
  checkUvMesh(mesh)
  const { triangles, uv } = mesh
  checkFloats(vertices, (3 * uv.length) / 2, 'vertices')
  const { size } = chart
  const data = placeTexels(chart, vertices, triangles)
  // Of a mesh whose vertices are cells the rasteriser leaves the right and lower borders out (top-left rule).
  for (let i = 0; i < uv.length / 2; i++) {
    const x = uv[2 * i]! * size - 0.5
    const y = uv[2 * i + 1]! * size - 0.5
    const [column, row] = [Math.round(x), Math.round(y)]
    if (Math.abs(x - column) > ON_CENTRE || Math.abs(y - row) > ON_CENTRE) continue
    if (column < 0 || row < 0 || column >= size || row >= size) continue
    for (let k = 0; k < 3; k++) data[3 * (row * size + column) + k] = vertices[3 * i + k]!
  }
  return { size, data }
}
