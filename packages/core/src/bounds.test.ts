import { expect, it } from 'vitest'
import { faceSize, pointBounds, spatialBounds } from './bounds.ts'

const points = Float32Array.of(3, -4, 5, -1, 2, 9, 0, 0, -7)

it('bounds of points reach from the smallest to the largest number of each axis', () => {
  expect(spatialBounds(points)).toEqual({ low: [-1, -4, -7], high: [3, 2, 9] })
  expect(pointBounds(points)).toEqual({ x1: -1, y1: -4, x2: 3, y2: 2 })
  expect(pointBounds([3, -4, -1, 2], 2)).toEqual({ x1: -1, y1: -4, x2: 3, y2: 2 })
  expect(faceSize(points)).toBe(6)
  const broken = Float32Array.of(Number.NaN, Number.NaN, Number.NaN, ...points)
  expect([spatialBounds(broken), pointBounds(broken)]).toEqual([spatialBounds(points), pointBounds(points)])
  expect(spatialBounds([]).low).toEqual([Infinity, Infinity, Infinity])
})
