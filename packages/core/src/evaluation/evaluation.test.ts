import { describe, expect, it } from 'vitest'
import {
  aflwMeanError,
  aflwPoints,
  areaUnderCurve,
  binByYaw,
  cumulativeCurve,
  failureRate,
  isInPoseProtocol,
  jitter,
  lag,
  meanPoseError,
  normalizedMeanError,
  pointsInPicture,
  poseError,
  quantile,
  standardDeviation,
  stillFrames,
  summarizeRatios,
} from '../evaluation.ts'

const radians = (degrees: number): number => (degrees * Math.PI) / 180

describe('normalizedMeanError', () => {
  // Distances 5, 0, 1; box 40 x 10, so sqrt(400) = 20.
  const truth = [0, 0, 40, 10, 20, 5]
  const predicted = [3, 4, 40, 10, 20, 6]

  it('equals the value by hand', () => {
    expect(normalizedMeanError(predicted, truth)).toBeCloseTo((100 * 2) / 20, 12)
  })

  it('does not depend on scale and place', () => {
    const moved = (points: number[]) => points.map((v, i) => 7 * v + (i % 2 === 0 ? -30 : 9))
    expect(normalizedMeanError(moved(predicted), moved(truth))).toBeCloseTo(10, 10)
  })

  it('refuses lists of different length', () => {
    expect(() => normalizedMeanError([0, 0], truth)).toThrow(/6 numbers/)
  })

  it('takes x y of x y z', () => {
    expect([...pointsInPicture([1, 2, 9, 3, 4, 9])]).toEqual([1, 2, 3, 4])
  })
})

describe("AFLW's 21 points", () => {
  const points = Array.from({ length: 136 }, (_, i) => (i % 2 === 0 ? i / 2 : 100 + i))

  it('are iBUG points, or the mean of an eye or the inner lips', () => {
    const x = [...aflwPoints(points)].filter((_, i) => i % 2 === 0)
    expect(x).toEqual([17, 19, 21, 22, 24, 26, 36, 38.5, 39, 42, 44.5, 45, 2, 31, 30, 35, 14, 48, 63.5, 54, 8])
  })

  it('count where they are labelled', () => {
    const truth = new Float64Array(42).fill(-1)
    const found = aflwPoints(points)
    truth.set([found[0]! + 3, found[1]! + 4], 0)
    truth.set([found[40]!, found[41]! + 1], 40)
    // Distances 5 and 1, divided by 20.
    expect(aflwMeanError(points, truth, 20)).toBeCloseTo(15, 10)
    expect(() => aflwMeanError(points, new Float64Array(42).fill(-1))).toThrow(/one labelled point/)
  })
})

describe('binByYaw', () => {
  it('puts 30 and 60 degrees into the lower bins, and weighs bins alike', () => {
    const { bins, mean, std } = binByYaw([1, 3, 5, 7, 9], [0, -30, 30.1, -60, 75])
    expect(bins.map(({ count, mean, std }) => [count, mean, std])).toEqual([
      [2, 2, 1],
      [2, 6, 1],
      [1, 9, 0],
    ])
    expect(mean).toBeCloseTo(17 / 3, 12)
    expect(std).toBeCloseTo(standardDeviation([2, 6, 9]), 12)
  })

  it('leaves out empty bins, and takes yaws beyond 90 into the last', () => {
    const { bins, mean } = binByYaw([2, 4], [10, 120])
    expect(bins[1]!.count).toBe(0)
    expect(bins[2]!.count).toBe(1)
    expect(mean).toBe(3)
  })
})

describe('pose errors', () => {
  it('go the short way round, and the angle between rotations does not depend on the axes', () => {
    const error = poseError(
      { pitch: 0, yaw: radians(20), roll: radians(179) },
      { pitch: 0, yaw: radians(20), roll: radians(-178) },
    )
    expect(error.roll).toBeCloseTo(3, 10)
    expect(error.geodesic).toBeCloseTo(3, 8)
    expect(error.pitch).toBe(0)
  })

  it('are averaged by angle', () => {
    const { mae, pitch } = meanPoseError([
      { pitch: 1, yaw: 2, roll: 3, geodesic: 4 },
      { pitch: 3, yaw: 4, roll: 5, geodesic: 6 },
    ])
    expect([pitch, mae]).toEqual([2, 3])
  })

  it('leave out labels beyond 99 degrees', () => {
    expect(isInPoseProtocol({ pitch: 0, yaw: radians(98.9), roll: 0 })).toBe(true)
    expect(isInPoseProtocol({ pitch: radians(-99.5), yaw: 0, roll: 0 })).toBe(false)
  })
})

describe('cumulative errors', () => {
  const errors = [2, 4, 12, Number.POSITIVE_INFINITY]

  it('rise by one share an error; what was not found never comes', () => {
    expect(cumulativeCurve(errors)).toEqual([
      { error: 0, share: 0 },
      { error: 2, share: 0.25 },
      { error: 4, share: 0.5 },
      { error: 12, share: 0.75 },
    ])
  })

  it('have the area of their steps', () => {
    // By hand: 0.25 from 2 to 4, 0.5 from 4 to 10.
    expect(areaUnderCurve(errors, 10)).toBeCloseTo((0.25 * 2 + 0.5 * 6) / 10, 12)
    expect(failureRate(errors, 10)).toBe(0.5)
    expect(areaUnderCurve([1, Number.NaN], 10)).toBeCloseTo(0.9 / 2, 12)
    expect(areaUnderCurve([1, 3], Number.MIN_VALUE)).toBe(0)
  })
})

describe('statistics', () => {
  it('interpolate quantiles', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([1, 2], 0.95)).toBeCloseTo(1.95, 12)
  })

  it('compare pairs: a slow spell that meets both changes no ratio', () => {
    const { median, min, max } = summarizeRatios([1, 10, 1], [2, 20, 2])
    expect([median, min, max]).toEqual([2, 2, 2])
  })
})

describe('stability', () => {
  const face = (x: number, y = 0): number[] => [x, y, 0, x + 10, y, 0, x, y + 10, 0, x + 10, y + 10, 0]

  it('counts jitter as acceleration in percent of the face', () => {
    // Left, right, left by 1 px: 2 px a frame squared of a face of 10 px; a steady motion has none.
    expect(
      jitter(
        [0, 1, 0].map((x) => face(x)),
        [1],
      ),
    ).toBeCloseTo(20, 10)
    expect(
      jitter(
        [0, 1, 2].map((x) => face(x)),
        [1],
      ),
    ).toBeCloseTo(0, 10)
  })

  it('finds frames in which the face is still', () => {
    const frames = Array.from({ length: 40 }, (_, t) => face(t < 20 ? 0 : 4 * (t - 20)))
    const still = stillFrames(frames, 25, 0.25)
    expect(still[0]).toBe(1)
    expect(Math.max(...still)).toBeLessThan(20)
  })

  it('finds a delay', () => {
    const path = Array.from({ length: 60 }, (_, t) => face(30 * Math.sin(t / 5), 20 * Math.cos(t / 7)))
    const late = path.map((_, t) => path[Math.max(0, t - 2)]!)
    expect(lag(late, path)).toBeCloseTo(2, 10)
    expect(lag(late.slice(0, 10), path.slice(0, 10))).toBeNaN()
  })
})
