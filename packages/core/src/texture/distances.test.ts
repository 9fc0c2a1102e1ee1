import { describe, expect, it } from 'vitest'
import { distanceToEdge } from './distance-to-edge.ts'
import { distanceToPolygon } from './polygon.ts'

describe('distances', () => {
  it('to a polygon are positive inside', () => {
    const square = [
      [0, 0],
      [4, 0],
      [4, 4],
      [0, 4],
    ] as const
    expect(distanceToPolygon(square, [2, 1])).toBeCloseTo(1)
    expect(distanceToPolygon(square, [7, 8])).toBeCloseTo(-5)
  })

  it('to a shape’s edge count pixels', () => {
    const shape = Uint8Array.from({ length: 11 * 11 }, (_, i) => (i % 11 > 1 && i > 22 ? 1 : 0))
    const distance = distanceToEdge(shape, 11, 11)
    expect([distance[5 * 11 + 1], distance[5 * 11 + 2], distance[6 * 11 + 4], distance[6 * 11 + 10]]).toEqual([
      0, 1, 3, 1,
    ])
  })
})
