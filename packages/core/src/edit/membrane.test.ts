import { describe, expect, it } from 'vitest'
import { Cell, solveMembrane } from './membrane.ts'

const SIZE = 65
const at = (x: number, y: number) => y * SIZE + x

/** A disc whose rim is fixed to `height`. */
function disc(height: (x: number, y: number) => number) {
  const heights = new Float32Array(SIZE * SIZE)
  const cells = new Uint8Array(SIZE * SIZE)
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++) {
      const r = Math.hypot(x - 32, y - 32)
      cells[at(x, y)] = r > 30 ? Cell.outside : r > 28 ? Cell.fixed : Cell.free
      heights[at(x, y)] = r > 28 ? height(x - 32, y - 32) : 1e6
    }
  return { heights, cells }
}

describe('solveMembrane', () => {
  it.each([
    ['a constant', () => 7],
    ['a slope', (x: number, y: number) => 2 * x - y],
    ['a saddle', (x: number, y: number) => (x * x - y * y) / 30],
  ])('finds the harmonic surface of %s', (_, height) => {
    const { heights, cells } = disc(height)
    solveMembrane({ heights, cells, width: SIZE, height: SIZE, channels: 1 })
    let worst = 0
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++)
        if (cells[at(x, y)] === Cell.free)
          worst = Math.max(worst, Math.abs(heights[at(x, y)]! - height(x - 32, y - 32)))
    // Of 60 to 130 from lowest to highest.
    expect(worst).toBeLessThan(1)
  })

  it('meets what lies outside level: a free border pulls nowhere', () => {
    const cells = new Uint8Array(20 * 6).fill(Cell.free)
    const heights = new Float32Array(20 * 6 * 2).fill(99)
    for (let y = 0; y < 6; y++) {
      cells[y * 20] = Cell.fixed
      heights.set([5, -3], 2 * y * 20)
    }
    solveMembrane({ heights, cells, width: 20, height: 6, channels: 2 })
    heights.forEach((value, i) => {
      expect(value).toBeCloseTo(i % 2 ? -3 : 5, 1)
    })
  })
})
