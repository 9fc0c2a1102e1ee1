import { describe, expect, it } from 'vitest'
import { parseNpy } from '../testing.ts'
import { writeNpy } from './npy.ts'

describe('writeNpy', () => {
  it.each([
    [Float32Array.of(1.5, -2, 3, 4, 5, 6.25), [2, 3]],
    [Uint8Array.of(1, 0, 255), [3]],
    [Int32Array.of(-7, 7), [1, 2, 1]],
  ])('is read back', (data, shape) => {
    const file = writeNpy(data, shape)
    expect(parseNpy(file)).toEqual({ data, shape })
    expect((file.length - data.byteLength) % 64).toBe(0)
  })

  it("takes Node's Buffer for the bytes that it is", () => {
    const bytes = [1, 0, 255]
    expect(writeNpy(Buffer.from(bytes), [3])).toEqual(writeNpy(Uint8Array.from(bytes), [3]))
  })

  it('refuses a shape that does not fit', () => {
    expect(() => writeNpy(new Uint8Array(5), [2, 3])).toThrow(/6 numbers \(2 x 3\)/)
  })
})
