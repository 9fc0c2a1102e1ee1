import { describe, expect, it } from 'vitest'
import { fromFloat16, toFloat16 } from './float16.ts'

const half = (value: number): number => toFloat16(Float32Array.of(value))[0]!

describe('float16', () => {
  it('gives every half back', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i)
    const again = toFloat16(fromFloat16(all))
    // A NaN is a NaN, whatever its bits.
    const isNan = (bits: number) => (bits & 0x7fff) > 0x7c00
    expect(all.every((bits, i) => (isNan(bits) ? isNan(again[i]!) : again[i] === bits))).toBe(true)
  })

  it('rounds to the nearest, ties to even', () => {
    expect([half(1), half(1 + 2 ** -11), half(1 + 3 * 2 ** -11), half(1 + 2 ** -11 + 2 ** -20)]).toEqual([
      0x3c00, 0x3c00, 0x3c02, 0x3c01,
    ])
    expect([half(2 ** -25), half(1.5 * 2 ** -24), half(2.5 * 2 ** -24), half(-(2 ** -24))]).toEqual([0, 2, 2, 0x8001])
  })

  it('goes to infinity beyond its range', () => {
    expect([half(65504), half(65519), half(65520), half(-1e9), half(Infinity)]).toEqual([
      0x7bff, 0x7bff, 0x7c00, 0xfc00, 0x7c00,
    ])
  })
})
