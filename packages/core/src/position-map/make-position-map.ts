import { expect } from '../errors.ts'
import { placeTexels, type UvChart } from '../texture/uv-chart.ts'
import type { PositionMap } from './position-map.ts'
import type { UvTopology } from './uv-topology.ts'

/**
 * The position map of a topology's own size: each vertex in its cell, to the bit. With PRNet's topology it is the network's
 * 256 x 256 x 3 layout.
 */
export function positionMapOfGrid(
  { size, cells }: Pick<UvTopology, 'size' | 'cells'>,
  vertices: Float32Array,
): PositionMap {
  expect(vertices.length === 3 * cells.length, 'vertices', `${3 * cells.length} numbers`, vertices)
  const data = new Float32Array(3 * size * size)
  for (let i = 0; i < cells.length; i++) for (let k = 0; k < 3; k++) data[3 * cells[i]! + k] = vertices[3 * i + k]!
  return { size, data }
}

/**
 * The position map of any mesh with texture coordinates, at the size of its chart (`createUvChart`): piecewise linear over its
 * triangles.
 */
export function positionMapOfChart(chart: UvChart, vertices: Float32Array, triangles: Uint32Array): PositionMap {
  return { size: chart.size, data: placeTexels(chart, vertices, triangles) }
}
