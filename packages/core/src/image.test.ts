import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { checkImage, copyImage, createImage } from './image.ts'

it('copyImage shares no memory, also when the data is a Node Buffer', () => {
  const image = { data: Buffer.from([1, 2, 3]), width: 1, height: 1, channels: 3 as const }
  const copy = copyImage(image)
  copy.data[0] = 9
  expect(image.data[0]).toBe(1)
})

it('createImage is black', () => {
  expect(createImage(2, 3, 4)).toEqual({ data: new Uint8Array(24), width: 2, height: 3, channels: 4 })
  expect(() => createImage(2.5, 2)).toThrow('a positive integer for width but received 2.5')
})

it.each([
  [{ width: 0 }, /positive integer for image.width but received 0/],
  [{ height: 1.5 }, /image.height/],
  [{ channels: 1 }, /3 \(RGB\) or 4 \(RGBA\)/],
  [{ data: new Uint8Array(4) }, /Expected 3 bytes \(1 x 1 x 3\)/],
  [{ data: new Float32Array(3) }, /3 bytes .* for image.data but received Float32Array\(3\)/],
  [{ data: new Int8Array(3) }, /Int8Array/],
  [{ data: [1, 2, 3] }, /an array of 3/],
  [{ data: undefined }, /undefined/],
])('refuses %j', (wrong, message) => {
  expect(() => checkImage({ ...createImage(1, 1), ...wrong } as never)).toThrow(message)
})

it('refuses what is no picture at all', () => {
  for (const nothing of [undefined, null, 'photo.jpg']) expect(() => checkImage(nothing as never)).toThrow('a picture')
})

it('takes bytes of every make: clamped, a Buffer, shared memory, from another realm', () => {
  const makes = [
    new Uint8ClampedArray(3),
    Buffer.alloc(3),
    new Uint8Array(new SharedArrayBuffer(3)),
    runInNewContext('new Uint8Array(3)') as Uint8Array,
  ]
  for (const data of makes) expect(() => checkImage({ ...createImage(1, 1), data })).not.toThrow()
})
