import { describe, expect, it } from 'vitest'
import { rotationFromAngles } from '../pose.ts'
import { random } from '../testing.ts'
import { toyFace } from '../toy-face.ts'
import { fitAffine, fitSimilarity } from './fit-transform.ts'
import { type AffineTransform, invertTransform, transformPoints } from './transform.ts'
import { canonicalVertices, frontalVertices, poseFromVertices } from './vertex-pose.ts'

const next = random(6)
const canonical = canonicalVertices(toyFace().model)
const ANGLES = { pitch: 0.3, yaw: -0.7, roll: 0.2 }

/** The head turned by the angles (y down), 50 pixels a unit. */
function turned(angles = ANGLES): Float32Array {
  const r = rotationFromAngles(angles)
  const down = [r[0], -r[1], r[2], -r[3], r[4], -r[5], r[6], -r[7], r[8]]
  const matrix = down.map((v) => 50 * v) as unknown as AffineTransform['matrix']
  return transformPoints({ matrix, translation: [300, 200, 80] }, canonical)
}
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)

describe('fits', () => {
  it('find the transform that made the points', () => {
    const matrix = [2, 0.3, 0.1, -0.2, 1.7, 0.4, 0.3, -0.1, 0.9] as const
    const affine = { matrix, translation: [5, -3, 70] as const }
    const found = fitAffine(canonical, transformPoints(affine, canonical))
    expect(largest(found.matrix, matrix)).toBeLessThan(1e-5)
    expect(largest(found.translation, affine.translation)).toBeLessThan(1e-5)
    const similarity = fitSimilarity(canonical, turned())
    expect(similarity.scale).toBeCloseTo(50, 4)
    expect(largest(transformPoints(similarity, canonical), turned())).toBeLessThan(1e-4)
  })

  it('say that a number is none, unless it does not count', () => {
    const broken = turned()
    broken[5] = Number.NaN
    for (const fit of [fitAffine, fitSimilarity]) {
      expect(() => fit(canonical, broken)).toThrow('finite numbers')
      const weights = Float32Array.from({ length: broken.length / 3 }, (_, i) => (i === 1 ? 0 : 1))
      expect(fit(canonical, broken, { weights }).translation.every(Number.isFinite)).toBe(true)
    }
  })

  it('go back where they came from', () => {
    const forth = fitAffine(canonical, turned())
    expect(largest(transformPoints(invertTransform(forth), turned()), canonical)).toBeLessThan(1e-5)
  })

  it('take weights: what weighs nothing does not count', () => {
    const to = turned()
    const weights = new Float64Array(to.length / 3).fill(1)
    for (let i = 0; i < weights.length; i += 3) {
      weights[i] = 0
      to[3 * i] = 1e6
    }
    expect(fitSimilarity(canonical, to, { weights }).scale).toBeCloseTo(50, 4)
  })

  it('are robust against a third of wrong points on request', () => {
    const to = turned()
    for (let i = 0; i < to.length; i++) to[i]! += 0.1 * (next() - 0.5)
    for (let i = 0; i < to.length; i += 9) to[i]! += 100 + 50 * next()
    const angles = (robust: boolean) => poseFromVertices(to, canonical, { robust })
    expect(largest([angles(true).pitch, angles(true).yaw, angles(true).roll], Object.values(ANGLES))).toBeLessThan(1e-3)
    expect(angles(true).scale).toBeCloseTo(50, 1)
    const translation = (robust: boolean) => fitSimilarity(canonical, to, { robust }).translation[0]
    expect(translation(true)).toBeCloseTo(300, 1)
    expect(translation(false)).toBeGreaterThan(330)
  })

  it('refuse points that leave them open', () => {
    const flat = canonical.map((value, i) => (i % 3 === 2 ? 0 : value))
    expect(() => fitAffine(flat, canonical)).toThrow(/do not lie in a plane/)
    expect(() => fitSimilarity(flat, flat)).toThrow(/determinant/)
    expect(() => fitSimilarity(canonical, canonical.subarray(3))).toThrow(/for to/)
    expect(() => fitAffine(canonical.subarray(0, 9), canonical.subarray(0, 9))).toThrow(/at least 4 points/)
    expect(() => fitAffine(canonical, canonical, { weights: [1] })).toThrow(/for weights/)
  })
})

describe('pose from vertices', () => {
  it.each(['similarity', 'affine'] as const)('is the rotation that was applied (%s)', (fit) => {
    for (const angles of [ANGLES, { pitch: -0.5, yaw: 1.2, roll: -1 }, { pitch: 0, yaw: 0, roll: 0 }]) {
      const { pitch, yaw, roll } = poseFromVertices(turned(angles), canonical, { fit })
      expect(largest([pitch, yaw, roll], Object.values(angles))).toBeLessThan(1e-5)
    }
  })
})

describe('frontal vertices', () => {
  it('are the mean face for a turned mean face, and keep the proportions of another', () => {
    expect(largest(frontalVertices(turned(), canonical), canonical)).toBeLessThan(1e-5)
    const wide = turned({ pitch: 0, yaw: 0, roll: 0 }).map((value, i) => (i % 3 === 0 ? 1.2 * value : value))
    const extent = (points: Float32Array, axis: number) => {
      const values = points.filter((_, i) => i % 3 === axis)
      return Math.max(...values) - Math.min(...values)
    }
    const ratio = (points: Float32Array) => extent(points, 0) / extent(points, 1)
    expect(ratio(frontalVertices(wide, canonical))).toBeCloseTo(1.2 * ratio(canonical), 3)
    expect(ratio(frontalVertices(wide, canonical, { fit: 'affine' }))).toBeCloseTo(ratio(canonical), 5)
  })
})
