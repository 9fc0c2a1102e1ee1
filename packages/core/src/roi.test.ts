import { describe, expect, it } from 'vitest'
import { intersectionOverUnion, type Roi, roiFromBox, roiFromLandmarks, snapRoi } from './roi.ts'

describe('roiFromBox', () => {
  it('follows the rule: side 1.58 of the mean side truncated, centre 0.14 lower', () => {
    // mean side (100 + 120) / 2 = 110, side trunc(173.8) = 173, centre (60, 80 + 15.4).
    expect(roiFromBox({ x1: 10, y1: 20, x2: 110, y2: 140 })).toEqual({
      x1: 60 - 86.5,
      y1: 95.4 - 86.5,
      x2: 60 + 86.5,
      y2: 95.4 + 86.5,
    })
  })

  it('leaves whole pixels of the smallest box', () => {
    for (const at of [0, 0.2, 0.5, 7.5]) {
      const { x1, y1, x2, y2 } = snapRoi(roiFromBox({ x1: at, y1: at, x2: at + 0.01, y2: at + 0.01 }))
      expect(Math.min(x2 - x1, y2 - y1)).toBeGreaterThanOrEqual(1)
    }
  })

  it.each([[{ x1: 1, y1: 1, x2: 1, y2: 5 }], [{ x1: Number.NaN, y1: 1, x2: 3, y2: 5 }]])(
    'refuses an empty or non-finite box',
    (box) => {
      expect(() => roiFromBox(box)).toThrow(/Expected finite x1 < x2/)
    },
  )
})

describe('roiFromLandmarks', () => {
  it('is the bounding square grown to its diagonal, around the centre of the bounding box', () => {
    const roi = roiFromLandmarks([0, 0, 9, 40, 20, -9, 20, 10, 3])
    expect(roi.x2 - roi.x1).toBeCloseTo(40 * Math.SQRT2, 12)
    expect((roi.x1 + roi.x2) / 2).toBeCloseTo(20, 12)
    expect((roi.y1 + roi.y2) / 2).toBeCloseTo(10, 12)
  })

  it('reads 2D points with stride 2', () => {
    expect(roiFromLandmarks([0, 0, 10, 10], 2)).toEqual(roiFromLandmarks([0, 0, 5, 10, 10, 7]))
  })
})

it('snapRoi rounds halves to the even neighbour, as Python does', () => {
  expect(snapRoi({ x1: 0.5, y1: 1.5, x2: -0.5, y2: 2.4999 })).toEqual({ x1: 0, y1: 2, x2: 0, y2: 2 })
})

it('intersectionOverUnion', () => {
  const square = (x1: number, y1: number, side: number): Roi => ({ x1, y1, x2: x1 + side, y2: y1 + side })
  expect(intersectionOverUnion(square(0, 0, 2), square(0, 0, 2))).toBe(1)
  expect(intersectionOverUnion(square(0, 0, 2), square(1, 0, 2))).toBeCloseTo(2 / 6, 12)
  expect(intersectionOverUnion(square(0, 0, 2), square(2, 0, 2))).toBe(0)
  expect(intersectionOverUnion(square(0, 0, 2), square(0, 0, 1))).toBeCloseTo(0.25, 12)
})
