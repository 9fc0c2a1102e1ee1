import { describe, expect, it } from 'vitest'
import { rotationFromAngles } from '../pose.ts'
import { determinant, type Mat3, multiply, transpose } from '../rotation.ts'
import { random } from '../testing.ts'
import { expRotation, interpolateRotation, logRotation } from './so3.ts'

const next = random(5)
const anyRotation = (): Mat3 =>
  rotationFromAngles({ pitch: (next() - 0.5) * 6, yaw: (next() - 0.5) * 3, roll: (next() - 0.5) * 6 })
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i]!)))
const identity: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1]

describe('rotation vectors', () => {
  it('are what Rodrigues says: a quarter turn about z takes x to y', () => {
    expect(distance(expRotation([0, 0, Math.PI / 2]), [0, -1, 0, 1, 0, 0, 0, 0, 1])).toBeLessThan(1e-15)
  })

  it('go to a rotation and back, from tiny angles up to half a turn', () => {
    for (const angle of [0, 1e-12, 1e-7, 1e-5, 1e-3, 1, 3, Math.PI - 1e-4, Math.PI - 1e-8, Math.PI])
      for (let k = 0; k < 20; k++) {
        const axis = [next() - 0.5, next() - 0.5, next() - 0.5]
        const length = Math.hypot(...axis)
        const v = axis.map((a) => (a / length) * angle) as unknown as [number, number, number]
        const back = logRotation(expRotation(v))
        expect(Math.hypot(...back)).toBeCloseTo(angle, 6)
        expect(distance(expRotation(back), expRotation(v))).toBeLessThan(1e-6)
      }
  })
})

describe('interpolateRotation', () => {
  it('starts at one, ends at the other, stays a rotation between, and moves evenly', () => {
    for (let k = 0; k < 50; k++) {
      const [a, b] = [anyRotation(), anyRotation()]
      expect(distance(interpolateRotation(a, b, 0), a)).toBeLessThan(1e-12)
      expect(distance(interpolateRotation(a, b, 1), b)).toBeLessThan(1e-7)
      const middle = interpolateRotation(a, b, 0.5)
      expect(distance(multiply(middle, transpose(middle)), identity)).toBeLessThan(1e-12)
      expect(determinant(middle)).toBeCloseTo(1, 12)
      const angle = (p: Mat3, q: Mat3): number => Math.hypot(...logRotation(multiply(transpose(p), q)))
      expect(angle(a, middle)).toBeCloseTo(angle(a, b) / 2, 6)
    }
  })

  it('turns along when both frames are turned', () => {
    for (let k = 0; k < 50; k++) {
      const [a, p, q] = [anyRotation(), anyRotation(), anyRotation()]
      // Half a turn apart there are two shortest ways; stay clear of it.
      const b = multiply(a, expRotation([next(), next(), next()]))
      const turn = (r: Mat3): Mat3 => multiply(multiply(p, r), q)
      const whole = interpolateRotation(turn(a), turn(b), 0.3)
      expect(distance(whole, turn(interpolateRotation(a, b, 0.3)))).toBeLessThan(1e-9)
    }
  })
})
