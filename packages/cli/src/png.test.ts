import { expect, it } from 'vitest'
import { fromPixels } from './png.ts'

it('takes pictures beyond the limit that sharp has for files', async () => {
  const [width, height] = [16_384, 16_400]
  const image = { data: new Uint8Array(3 * width * height), width, height, channels: 3 } as const
  image.data[3 * (width + 1)] = 9
  const corner = fromPixels(image).extract({ left: 1, top: 1, width: 1, height: 1 })
  expect((await corner.raw().toBuffer())[0]).toBe(9)
})
