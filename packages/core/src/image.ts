import { isArrayOf } from './arrays.ts'
import { expect, expectObject } from './errors.ts'

/**
 * A picture in memory: 8 bits a channel, RGB or RGBA (what looks at a picture ignores alpha), row-major, tightly
 * packed, origin top-left. Pixel (i, j) has its centre at (i, j). The view borrows `data`; nothing in this library keeps it
 * beyond the call, or the promise that it gives.
 */
export interface ImageView {
  readonly data: Uint8Array | Uint8ClampedArray
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
}

/**
 * @throws {InvalidInputError} when sizes are not positive integers, `data` is no array of bytes or its length is not width *
 * height * channels.
 */
export function checkImage(image: ImageView, name = 'image'): void {
  expectObject(image, name, 'a picture ({ data, width, height, channels })')
  const { data, width, height, channels } = image
  checkSize(width, height, `${name}.`)
  checkChannels(channels, `${name}.`)
  const length = width * height * channels
  const isBytes = isArrayOf(data, 'Uint8Array', 'Uint8ClampedArray')
  expect(
    isBytes && data.length === length,
    `${name}.data`,
    `${length} bytes (${width} x ${height} x ${channels})`,
    data,
  )
}

/**
 * A black picture (transparent when it has alpha).
 * @throws {InvalidInputError} when sizes are not positive integers, and for another number of channels.
 */
export function createImage(width: number, height: number, channels: 3 | 4 = 3): ImageView {
  checkSize(width, height)
  checkChannels(channels)
  return { data: new Uint8Array(width * height * channels), width, height, channels }
}

function checkSize(width: number, height: number, prefix = ''): void {
  expect(Number.isInteger(width) && width > 0, `${prefix}width`, 'a positive integer', width)
  expect(Number.isInteger(height) && height > 0, `${prefix}height`, 'a positive integer', height)
}

function checkChannels(channels: number, prefix = ''): void {
  expect(channels === 3 || channels === 4, `${prefix}channels`, '3 (RGB) or 4 (RGBA)', channels)
}

/** A picture of which only the size counts. @throws {InvalidInputError} unless it has one. */
export function checkPicture(picture: { readonly width: number; readonly height: number }): void {
  expectObject(picture, 'picture', 'a picture ({ width, height })')
  checkSize(picture.width, picture.height, 'picture.')
}

/** A copy that shares no memory with `image`. @throws {InvalidInputError} when it is no picture. */
export function copyImage(image: ImageView): ImageView {
  checkImage(image)
  // Not data.slice(): that of a Node Buffer shares its memory.
  return { ...image, data: new Uint8Array(image.data) }
}
