import { describe, expect, it } from 'vitest'
import { random } from '../testing.ts'
import { fillTexels } from './fill-texels.ts'

const SIZE = 37
const grid = { width: SIZE, height: SIZE, channels: 1 }

/** A slope with a hole in it. */
function slope(isKnown: (x: number, y: number) => boolean) {
  const values = new Float32Array(SIZE * SIZE)
  const known = new Float32Array(SIZE * SIZE)
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++) {
      known[y * SIZE + x] = isKnown(x, y) ? 1 : 0
      values[y * SIZE + x] = isKnown(x, y) ? 10 + x : -1000
    }
  return { values, known }
}

describe('fillTexels', () => {
  it('fills a hole with values between those around it, and touches nothing that is known', () => {
    const { values, known } = slope((x, y) => Math.hypot(x - 18, y - 18) > 9)
    fillTexels(values, known, grid)
    values.forEach((value, t) => {
      if (known[t]) expect(value).toBe(10 + (t % SIZE))
      else expect(Math.abs(value - (10 + (t % SIZE)))).toBeLessThan(6)
    })
  })

  it('reaches every texel from a single one, and does nothing without any', () => {
    const one = slope((x, y) => x === 3 && y === 30)
    fillTexels(one.values, one.known, grid)
    expect(new Set(one.values)).toEqual(new Set([13]))
    const none = slope(() => false)
    fillTexels(none.values, none.known, grid)
    expect(new Set(none.values)).toEqual(new Set([-1000]))
  })

  it('leaves alone what is not wanted, and keeps channels apart', () => {
    const next = random(3)
    const known = Float32Array.from({ length: 64 }, () => (next() < 0.3 ? 1 : 0))
    const values = Float32Array.from({ length: 128 }, (_, i) => (known[i >> 1] ? (i % 2) * 9 + 1 : 0))
    const wanted = Uint8Array.from({ length: 64 }, (_, t) => (t < 32 ? 1 : 0))
    fillTexels(values, known, { width: 8, height: 8, channels: 2 }, wanted)
    for (let t = 0; t < 64; t++) {
      const expected = known[t] || wanted[t] ? [1, 10] : [0, 0]
      expect([...values.subarray(2 * t, 2 * t + 2)]).toEqual(expected)
    }
  })
})
