import { expect, it } from 'vitest'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { toyFace } from '../toy-face.ts'
import { regionMask } from './region-mask.ts'
import { createUvChart } from './uv-chart.ts'
import { takeEyesWhole } from './whole-eyes.ts'

const size = 128
const { model } = toyFace()
/** Two eyes of six points each, on the grid of 41 x 41 vertices. */
const landmarks = model.landmarks.slice()
const eye = (column: number) => [15 * 41 + column, 14 * 41 + column + 2, 14 * 41 + column + 4, 15 * 41 + column + 6]
for (const [at, column] of [
  [36, 8],
  [42, 26],
] as const)
  landmarks.set([...eye(column), 16 * 41 + column + 4, 16 * 41 + column + 2], at)
const mesh = { ...model, landmarks }
const chart = createUvChart(mesh, size, new ReferenceBackend())
const { data: mask } = regionMask(mesh, 'eyes', { size })

it('believes an eye that is seen in part, and leaves one that is hardly seen to its mirror image', () => {
  const [left, right] = [0.4, 0.2]
  const seen = Float32Array.from({ length: size * size }, (_, t) => (t % size < size / 2 ? left : right))
  const before = seen.slice()
  takeEyesWhole(seen, mesh, chart)
  const core = { left: 0, right: 0 }
  for (let t = 0; t < seen.length; t++) {
    if (mask[t] === 0) expect(seen[t]).toBe(before[t])
    if (mask[t]! < 1) continue
    const side = t % size < size / 2 ? 'left' : 'right'
    core[side]++
    expect(seen[t]).toBeCloseTo(side === 'left' ? 1 : 0, 6)
  }
  expect(core.left).toBeGreaterThan(20)
  expect(core.right).toBe(core.left)
})

it('believes no texel that is hidden, be it in an eye that is seen', () => {
  const half = Float32Array.from({ length: size * size }, (_, t) => (mask[t]! > 0 && Math.floor(t / size) % 2 ? 1 : 0))
  takeEyesWhole(half, mesh, chart)
  for (let t = 0; t < half.length; t++) if (mask[t] === 1) expect(half[t]).toBe(Math.floor(t / size) % 2)
})
