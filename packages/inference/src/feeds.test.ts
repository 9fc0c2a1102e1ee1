import type { Tensor } from '@3ddfa/core'
import { describe, expect, it } from 'vitest'
import { checkFeeds } from './feeds.ts'

const inputs = [{ name: 'image', type: 'uint8', dims: [1, -1, -1, 3] }] as const
const image = { type: 'uint8', data: new Uint8Array(18), dims: [1, 2, 3, 3] } as const

const check = (feeds: unknown) => () => checkFeeds(inputs, feeds as Record<string, Tensor>)

describe('checkFeeds', () => {
  it('accepts what fits, clamped bytes too', () => {
    expect(check({ image })).not.toThrow()
    expect(check({ image: { ...image, data: new Uint8ClampedArray(18) } })).not.toThrow()
  })

  it.each([
    [undefined, 'Expected an object of tensors by input name for feeds but received undefined.'],
    [{}, 'Expected a tensor for feed "image" but received undefined.'],
    [{ image, img: image }, 'Expected the name of an input (image) for a feed but received "img".'],
    [{ image: { ...image, type: 'float32' } }, 'Expected uint8 for the type of feed "image" but received "float32".'],
    [
      { image: { ...image, data: new Float32Array(18) } },
      'Expected a Uint8Array or Uint8ClampedArray for the data of feed "image" but received Float32Array(18).',
    ],
    [
      { image: { ...image, dims: [2, 1, 3, 3] } },
      'Expected [1, ?, ?, 3] for the dims of feed "image" but received "[2, 1, 3, 3]".',
    ],
    [
      { image: { ...image, dims: [1, 6, 3] } },
      'Expected [1, ?, ?, 3] for the dims of feed "image" but received "[1, 6, 3]".',
    ],
    [
      { image: { ...image, dims: [1, 0, 3, 3] } },
      'Expected [1, ?, ?, 3] for the dims of feed "image" but received "[1, 0, 3, 3]".',
    ],
    [
      { image: { ...image, dims: [1, 2, 2.5, 3] } },
      'Expected [1, ?, ?, 3] for the dims of feed "image" but received "[1, 2, 2.5, 3]".',
    ],
    [
      { image: { ...image, dims: [1, 2, 4, 3] } },
      'Expected 24 elements ([1, 2, 4, 3]) for the data of feed "image" but received Uint8Array(18).',
    ],
  ])('refuses %j', (feeds, message) => {
    expect(check(feeds)).toThrow(message)
  })
})
