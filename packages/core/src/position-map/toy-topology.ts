import { canonicalVertices } from '../fit/vertex-pose.ts'
import { toyFace } from '../toy-face.ts'
import type { UvCorrespondence, UvTopology } from './uv-topology.ts'

/**
 * A topology of our own for tests: the cells of a grid whose centres lie on the toy face's chart, each in the middle of the
 * model's triangles there. `absent` cells from the bottom row up are skin that the model is said to lack.
 */
export function toyTopology(size = 32, absent = 0): { topology: UvTopology; correspondence: UvCorrespondence } {
  const { model } = toyFace()
  const [cells, corners, weights]: [number[], number[], number[]] = [[], [], []]
  for (let cell = 0; cell < size * size; cell++) {
    // The toy's chart: 40 x 40 squares from 0.05 to 0.95.
    const [c, r] = [cell % size, Math.floor(cell / size)].map((at) => (((at + 0.5) / size - 0.05) / 0.9) * 40) as [
      number,
      number,
    ]
    if (!(c >= 0 && r >= 0 && c < 40 && r < 40)) continue
    const corner = Math.floor(r) * 41 + Math.floor(c)
    const [x, y] = [c % 1, r % 1]
    cells.push(cell)
    if (x + y < 1) corners.push(corner, corner + 1, corner + 41)
    else corners.push(corner + 42, corner + 41, corner + 1)
    if (x + y < 1) weights.push(1 - x - y, x, y)
    else weights.push(x + y - 1, 1 - x, 1 - y)
  }
  const side = Math.round(Math.sqrt(cells.length))
  const triangles: number[] = []
  for (let r = 0; r + 1 < side; r++)
    for (let c = 0; c + 1 < side; c++) {
      const i = r * side + c
      triangles.push(i, i + 1, i + side, i + 1, i + side + 1, i + side)
    }
  const mean = canonicalVertices(model)
  const canonical = Float32Array.from({ length: 3 * cells.length }, (_, i) =>
    [0, 1, 2].reduce((sum, k) => sum + weights[i - (i % 3) + k]! * mean[3 * corners[i - (i % 3) + k]! + (i % 3)]!, 0),
  )
  const topology = {
    id: 'toy-uv',
    size,
    cells: Uint32Array.from(cells),
    triangles: Uint32Array.from(triangles),
    landmarks: Uint32Array.from({ length: 68 }, (_, i) => (i * 11) % cells.length),
    canonical,
  }
  const kept = Float32Array.from(weights).fill(0, 3 * (cells.length - absent))
  return {
    topology,
    correspondence: { vertexCount: model.vertexCount, corners: Uint32Array.from(corners), weights: kept },
  }
}
