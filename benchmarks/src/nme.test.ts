import { describe, expect, it } from 'vitest'
import { nme, type Point } from './nme.ts'

describe('nme', () => {
  it('equals the value by hand', () => {
    const truth: Point[] = [
      [0, 0],
      [40, 10],
      [20, 5],
    ]
    const predicted: Point[] = [
      [3, 4],
      [40, 10],
      [20, 6],
    ]
    // Distances 5, 0, 1; box 40 x 10, so sqrt(400) = 20.
    expect(nme(predicted, truth)).toBeCloseTo((100 * 2) / 20, 12)
  })

  it('does not depend on scale and place', () => {
    const truth: Point[] = [
      [0, 0],
      [40, 10],
      [20, 5],
    ]
    const predicted: Point[] = [
      [3, 4],
      [41, 10],
      [20, 6],
    ]
    const moved = (points: Point[]): Point[] => points.map(([x, y]) => [7 * x - 30, 7 * y + 9])
    expect(nme(moved(predicted), moved(truth))).toBeCloseTo(nme(predicted, truth), 10)
  })

  it('refuses lists of different length', () => {
    expect(() => nme([[0, 0]], [])).toThrow(/as many/)
  })
})
