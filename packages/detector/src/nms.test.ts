import { describe, expect, it } from 'vitest'
import { random } from '../../core/src/testing.ts'
import { suppressOverlaps } from './nms.ts'

const limits = { iouThreshold: 0.3, maxFaces: 750, extent: 0 } as const
const boxes = (...list: number[][]) => Float32Array.from(list.flat())

/** The textbook's way round, as the reference has it: each kept box strikes out all later ones. */
function strikeOut(list: Float32Array, threshold: number, extent: number): number[] {
  const kept: number[] = []
  const struck = new Set<number>()
  const at = (i: number) => list.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number]
  const area = ([x1, y1, x2, y2]: readonly number[]) => (x2! - x1! + extent) * (y2! - y1! + extent)
  for (let i = 0; i < list.length / 4; i++) {
    if (struck.has(i)) continue
    kept.push(i)
    for (let j = i + 1; j < list.length / 4; j++) {
      const [a, b] = [at(i), at(j)]
      const w = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]) + extent)
      const h = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]) + extent)
      if ((w * h) / (area(a) + area(b) - w * h) >= threshold) struck.add(j)
    }
  }
  return kept
}

describe('suppressOverlaps', () => {
  it('keeps the better of two that overlap, and what lies apart', () => {
    expect(suppressOverlaps(boxes([0, 0, 10, 10], [1, 1, 11, 11], [20, 0, 30, 10]), limits)).toEqual([0, 2])
  })

  it('a box that was dropped drops no other', () => {
    expect(suppressOverlaps(boxes([0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10]), limits)).toEqual([0, 2])
  })

  it('drops at the threshold itself', () => {
    const pair = boxes([0, 0, 10, 10], [5, 0, 15, 10])
    expect(suppressOverlaps(pair, { ...limits, iouThreshold: 1 / 3 })).toEqual([0])
    expect(suppressOverlaps(pair, { ...limits, iouThreshold: 0.34 })).toEqual([0, 1])
  })

  it('extent 1 counts the last pixel in', () => {
    // 3 x 3 pixels each, sharing one column: 3 of 15 = 0.2; without the extent they only touch.
    const pair = boxes([0, 0, 2, 2], [2, 0, 4, 2])
    expect(suppressOverlaps(pair, { ...limits, iouThreshold: 0.2, extent: 1 })).toEqual([0])
    expect(suppressOverlaps(pair, { ...limits, iouThreshold: 0.2, extent: 0 })).toEqual([0, 1])
  })

  it('stops at the limit and drops what is not finite', () => {
    const list = boxes([0, 0, Infinity, 1], [0, 0, 1, 1], [Number.NaN, 0, 1, 1], [4, 4, 5, 5], [8, 8, 9, 9])
    expect(suppressOverlaps(list, limits)).toEqual([1, 3, 4])
    expect(suppressOverlaps(list, { ...limits, maxFaces: 2 })).toEqual([1, 3])
  })

  it('drops what is no box of a picture: nothing between its sides, or farther than any', () => {
    const list = boxes([4, 4, 4, 9], [4, 9, 9, 4], [-(2 ** 21), 0, 5, 5], [0, 0, 9, 1e30], [0, 0, 0.5, 0.5])
    for (const extent of [0, 1] as const) expect(suppressOverlaps(list, { ...limits, extent })).toEqual([4])
  })

  it.each([0, 1] as const)('agrees with the textbook on thousands of boxes (extent %i)', (extent) => {
    const next = random(5 + extent)
    const list = new Float32Array(4 * 3000)
    for (let i = 0; i < list.length; i += 4) {
      const [x, y, size] = [next() * 800, next() * 800, 5 + next() * 60]
      list.set([x, y, x + size, y + size * (0.7 + next() * 0.6)], i)
    }
    const kept = suppressOverlaps(list, { ...limits, extent })
    expect(kept.length).toBeGreaterThan(200)
    expect(kept).toEqual(strikeOut(list, 0.3, extent).slice(0, 750))
  })
})
