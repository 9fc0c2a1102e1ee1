import { describe, expect, it } from 'vitest'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { createUvChart } from '../texture/uv-chart.ts'
import { toyFace } from '../toy-face.ts'
import { positionMapOfChart, positionMapOfGrid, positionMapOfTopology } from './make-position-map.ts'
import { pickLandmarks, samplePositionMap, verticesOfPositionMap } from './position-map.ts'
import { toyTopology } from './toy-topology.ts'
import { UvResampler } from './uv-resampler.ts'
import { cellsOfMap, checkUvCorrespondence, checkUvTopology, uvMeshOf } from './uv-topology.ts'

const backend = new ReferenceBackend()
const { topology, correspondence } = toyTopology()
const { model, vertices } = toyFace({ yaw: 0.5 })
const onGrid = new UvResampler(topology, correspondence).resample(vertices)

/** Largest distance in pixels between points of two lists. */
function distance(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  let most = 0
  for (let i = 0; i < a.length; i += 3)
    most = Math.max(most, Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!, a[i + 2]! - b[i + 2]!))
  return most
}

describe('UvResampler', () => {
  it('puts each cell where its texture coordinate lies on the model', () => {
    checkUvTopology(topology)
    checkUvCorrespondence(correspondence, topology)
    // The same skin, found by rasterising the model's own chart at the grid's size.
    const chart = createUvChart(model, topology.size, backend)
    const map = positionMapOfChart(chart, vertices, model)
    let compared = 0
    topology.cells.forEach((cell, i) => {
      if (chart.ids[cell]! < 0) return
      expect(distance(map.data.slice(3 * cell, 3 * cell + 3), onGrid.slice(3 * i, 3 * i + 3))).toBeLessThan(0.01)
      compared++
    })
    expect(compared).toBe(topology.cells.length)
  })

  it('completes skin that the model lacks: exactly for a turned mean face, smoothly for another', () => {
    const lacking = toyTopology(32, 40)
    const completed = new UvResampler(lacking.topology, lacking.correspondence).resample(vertices)
    // The toy is its own mean, turned and scaled: an affine map tells all.
    expect(distance(completed, onGrid)).toBeLessThan(1e-3)
    const bent = vertices.map((v, i) => (i % 3 === 2 ? v + 0.002 * (vertices[i - 2]! - 60) ** 2 : v))
    const [full, partial] = [
      new UvResampler(topology, correspondence).resample(bent),
      new UvResampler(lacking.topology, lacking.correspondence).resample(bent),
    ]
    expect(distance(partial, full)).toBeGreaterThan(0)
    expect(distance(partial, full)).toBeLessThan(1)
  })

  it('refuses vertices of another model, and a correspondence of another topology', () => {
    expect(() => new UvResampler(topology, correspondence).resample(vertices.subarray(3))).toThrow(/for vertices/)
    expect(() => new UvResampler(toyTopology(16).topology, correspondence)).toThrow(/correspondence.corners/)
  })
})

describe('position maps', () => {
  it('hold the vertices of their grid to the bit', () => {
    const map = positionMapOfGrid(topology, onGrid)
    expect(map.data).toHaveLength(3 * 32 * 32)
    expect(verticesOfPositionMap(map, topology)).toEqual(onGrid)
    const outside = Array.from({ length: 32 * 32 }, (_, cell) => cell).filter((cell) => !topology.cells.includes(cell))
    for (const cell of outside) expect([...map.data.subarray(3 * cell, 3 * cell + 3)]).toEqual([0, 0, 0])
  })

  it.each([32, 33, 47, 63, 64, 100, 255, 256, 1024])('of %i cells give every vertex back to the bit', (size) => {
    const map = positionMapOfTopology(topology, onGrid, size, backend)
    expect(map.size).toBe(size)
    expect(verticesOfPositionMap(map, topology)).toEqual(onGrid)
    expect(distance(samplePositionMap(map, uvMeshOf(topology, size).uv), onGrid)).toBeLessThan(1e-3)
  })

  it('of a larger size hold the surface between the vertices', () => {
    // Each cell lies on the triangle over it, so a flat mesh gives a flat map without a hole. (The rasteriser leaves lower and right
    // borders out but for the vertices.)
    const flat = onGrid.map((value, i) => (i % 3 === 2 ? 0.5 * onGrid[i - 2]! - 0.2 * onGrid[i - 1]! + 90 : value))
    const size = 100
    const { data } = positionMapOfTopology(topology, flat, size, backend)
    const side = Math.sqrt(topology.cells.length)
    const cells = cellsOfMap(topology, size)
    const [first, last] = [cells[0]!, cells[side * side - 1]!]
    for (let row = Math.floor(first / size); row < Math.floor(last / size); row++)
      for (let column = first % size; column < last % size; column++) {
        const [x, y, z] = data.subarray(3 * (row * size + column)) as unknown as [number, number, number]
        expect(Math.abs(0.5 * x - 0.2 * y + 90 - z)).toBeLessThan(1e-3)
      }
  })

  it('lie where they are on the grid, to half a cell', () => {
    for (const size of [32, 47, 64, 1024]) {
      const [there, here] = [uvMeshOf(topology, size).uv, uvMeshOf(topology).uv]
      for (const [i, value] of there.entries()) expect(Math.abs(value - here[i]!) * size).toBeLessThan(0.5001)
      expect(new Set(cellsOfMap(topology, size)).size).toBe(topology.cells.length)
    }
  })

  it('of the grid’s own size are those of the grid, whichever way they are made', () => {
    const mesh = uvMeshOf(topology)
    const map = positionMapOfChart(createUvChart(mesh, topology.size, backend), onGrid, mesh)
    expect(map).toEqual(positionMapOfGrid(topology, onGrid))
    expect(samplePositionMap(map, mesh.uv)).toEqual(onGrid)
  })

  it('tell where they know nothing', () => {
    const chart = createUvChart(model, 64, backend)
    const map = positionMapOfChart(chart, vertices, model)
    expect([...samplePositionMap(map, Float32Array.of(0.01, 0.01))]).toEqual([NaN, NaN, NaN])
  })

  it('refuse a size that cannot hold the vertices', () => {
    const small = { size: 16, data: new Float32Array(768) }
    expect(() => verticesOfPositionMap(small, topology)).toThrow(/a whole number from 32 .* received 16/)
    expect(() => positionMapOfTopology(topology, onGrid, 31, backend)).toThrow(/a whole number from 32/)
    expect(() => verticesOfPositionMap({ size: 32, data: new Float32Array(768) }, topology)).toThrow(/3072 numbers/)
  })

  it('have landmarks', () => {
    const landmarks = pickLandmarks(topology, onGrid)
    expect([...landmarks.subarray(3, 6)]).toEqual([...onGrid.subarray(33, 36)])
  })
})

describe('checkUvTopology', () => {
  it.each([
    [{ cells: Uint32Array.of(3, 2) }, /canonical/],
    [{ cells: topology.cells.slice().reverse() }, /rising/],
    [{ triangles: Uint32Array.of(0, 1, 1e6) }, /vertex index/],
    [{ landmarks: new Uint32Array(67) }, /68 indices/],
    [{ size: 0 }, /size/],
  ])('refuses what does not add up (%#)', (change, message) => {
    expect(() => checkUvTopology({ ...topology, ...change })).toThrow(message)
  })
})
