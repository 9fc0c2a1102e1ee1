import { describe, expect, it } from 'vitest'
import { rotationFromAngles } from '../pose.ts'
import { determinant, type Mat3, multiply, transpose } from '../rotation.ts'
import { random } from '../testing.ts'
import { OneEuroRotation, OneEuroVector } from './one-euro.ts'
import { expRotation } from './so3.ts'

const options = { minCutoff: 1, beta: 2, speedCutoff: 1 }
const dt = 1 / 30

describe('OneEuroVector', () => {
  it('is the published filter', () => {
    // By hand: alpha = 1 / (1 + 1 / (2 pi cutoff dt)), for a step from 0 to 1.
    const alpha = (cutoff: number): number => 1 / (1 + 1 / (2 * Math.PI * cutoff * dt))
    const speed1 = alpha(1) / dt
    const value1 = alpha(1 + 2 * speed1)
    const speed2 = speed1 - alpha(1) * speed1
    const value2 = value1 + alpha(1 + 2 * speed2) * (1 - value1)
    const filter = new OneEuroVector(options)
    expect(filter.next(Float64Array.of(0), dt)[0]).toBe(0)
    expect(filter.next(Float64Array.of(1), dt)[0]).toBeCloseTo(value1, 12)
    expect(filter.next(Float64Array.of(1), dt)[0]).toBeCloseTo(value2, 12)
  })

  it('calms noise at rest and follows motion closely', () => {
    const next = random(3)
    const [still, moving] = [new OneEuroVector(options), new OneEuroVector(options)]
    let [noise, left, lag] = [0, 0, 0]
    for (let i = 0; i < 300; i++) {
      const wobble = (next() - 0.5) * 0.02
      noise += Math.abs(wobble)
      left += Math.abs(still.next(Float64Array.of(wobble), dt)[0]!)
      lag = (3 * i * dt - moving.next(Float64Array.of(3 * i * dt), dt)[0]!) / 3 / dt
    }
    expect(left / noise).toBeLessThan(0.5)
    expect(lag).toBeLessThan(1)
  })

  it('does not depend on the axes or the unit', () => {
    const [plain, turned] = [new OneEuroVector(options), new OneEuroVector(options)]
    const next = random(4)
    for (let i = 0; i < 40; i++) {
      const [x, y] = [next(), next()]
      const a = plain.next(Float64Array.of(x, y), dt)
      const b = turned.next(Float64Array.of(-10 * y, 10 * x), dt, 10)
      expect(b[0]).toBeCloseTo(-10 * a[1]!, 9)
      expect(b[1]).toBeCloseTo(10 * a[0]!, 9)
    }
  })
})

describe('OneEuroRotation', () => {
  const wander = (steps: number): Mat3[] => {
    const next = random(6)
    let r: Mat3 = rotationFromAngles({ pitch: 0.2, yaw: -0.4, roll: 0.1 })
    return Array.from({ length: steps }, () => {
      r = multiply(r, expRotation([(next() - 0.5) * 0.4, (next() - 0.45) * 0.4, (next() - 0.5) * 0.4]))
      return r
    })
  }

  it('stays a rotation for as long as it runs', () => {
    const filter = new OneEuroRotation(options)
    let r: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1]
    for (const sample of wander(20_000)) r = filter.next(sample, dt)
    const product = multiply(r, transpose(r))
    const error = Math.max(...product.map((v, i) => Math.abs(v - (i % 4 === 0 ? 1 : 0))))
    expect(error).toBeLessThan(1e-12)
    expect(determinant(r)).toBeCloseTo(1, 12)
  })

  it('turns along with its input: filter(P R Q) = P filter(R) Q', () => {
    const [p, q] = [expRotation([0.3, -1.2, 0.5]), expRotation([-0.7, 0.2, 1.9])]
    const [plain, turned] = [new OneEuroRotation(options), new OneEuroRotation(options)]
    for (const sample of wander(100)) {
      const expected = multiply(multiply(p, plain.next(sample, dt)), q)
      const actual = turned.next(multiply(multiply(p, sample), q), dt)
      expect(Math.max(...actual.map((v, i) => Math.abs(v - expected[i]!)))).toBeLessThan(1e-9)
    }
  })

  it('holds still on a still input', () => {
    const filter = new OneEuroRotation(options)
    const r = rotationFromAngles({ pitch: 0.1, yaw: 0.9, roll: -2 })
    for (let i = 0; i < 5; i++)
      expect(Math.max(...filter.next(r, dt).map((v, k) => Math.abs(v - r[k]!)))).toBeLessThan(1e-12)
  })
})
