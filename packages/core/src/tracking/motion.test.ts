import { describe, expect, it } from 'vitest'
import { MotionModel } from './motion.ts'
import { pairByOverlap } from './overlap.ts'

const square = (x: number, y: number, side: number) => ({
  x1: x - side / 2,
  y1: y - side / 2,
  x2: x + side / 2,
  y2: y + side / 2,
})

describe('MotionModel', () => {
  it('predicts steady motion and growth, at any frame rate', () => {
    for (const fps of [12, 25, 60]) {
      const motion = new MotionModel(square(0, 0, 100), 0)
      const at = (t: number) => square(200 * t, -80 * t, 100 * Math.exp(0.3 * t))
      for (let i = 1; i <= fps; i++) motion.update(at(i / fps), i / fps)
      const last = at(1)
      const truth = at(1 + 1 / fps)
      const error = (roi: typeof last): number => Math.hypot(roi.x1 - truth.x1, roi.y1 - truth.y1, roi.x2 - truth.x2)
      // Better than staying put by far: what is left is that velocity is assumed to die away.
      expect(error(motion.predict(1 + 1 / fps))).toBeLessThan(0.25 * error(last))
    }
  })

  it('comes to rest instead of running away, and stays a square', () => {
    const motion = new MotionModel(square(0, 0, 100), 0)
    motion.update(square(50, 0, 150), 0.04)
    const far = motion.predict(1000)
    expect(Math.abs(far.x1 + far.x2) / 2).toBeLessThan(300)
    expect(far.x2 - far.x1).toBeLessThan(150 * Math.exp(0.21))
    expect(far.x2 - far.x1).toBeCloseTo(far.y2 - far.y1, 9)
  })
})

describe('pairByOverlap', () => {
  it('pairs the best overlaps first, each region once, none below the limit', () => {
    const a = [square(0, 0, 10), square(4, 0, 10), square(100, 0, 10)]
    const b = [square(3, 0, 10), square(-3, 0, 10), square(109, 0, 10)]
    expect(pairByOverlap(a, b, 0.3)).toEqual([1, 0, -1])
    expect(pairByOverlap(a, [], 0.3)).toEqual([-1, -1, -1])
  })
})
