import { readFileSync } from 'node:fs'
import { createImage, type ImageView } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { describe, expect, it } from 'vitest'
import { createOpenDetector } from './open.ts'

// The network that is part of the repository; what it finds in photographs is in pictures.test.ts.

const network = readFileSync(new URL('../../../models/open/detector.onnx', import.meta.url))

function draw(width: number, height: number, colour: (x: number, y: number) => readonly number[]): ImageView {
  const image = createImage(width, height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) image.data.set(colour(x, y), (y * width + x) * image.channels)
  return image
}

/** Integers that look random but are the same in every run. */
function hash(x: number, y: number): number {
  return (
    (Math.imul(Math.imul(x + 374761393, 668265263) ^ Math.imul(y + 2246822519, 3266489917), 1274126177) >>> 24) & 255
  )
}

describe('the open network', () => {
  it('is small and takes bytes of any multiple of 32', async () => {
    expect(network.length).toBeLessThan(300_000)
    const session = await createNodeSession(network, { threads: 1 })
    expect(session.inputs).toMatchObject([{ name: 'image', type: 'uint8' }])
    const data = new Uint8Array(64 * 96 * 3)
    const outputs = await session.run({ image: { type: 'uint8', data, dims: [1, 64, 96, 3] } })
    for (const stride of [8, 16, 32]) {
      const cells = (64 / stride) * (96 / stride)
      expect(outputs[`cls_${stride}`]!.dims).toEqual([1, cells, 1])
      expect(outputs[`obj_${stride}`]!.dims).toEqual([1, cells, 1])
      expect(outputs[`bbox_${stride}`]!.dims).toEqual([1, cells, 4])
    }
    await session.dispose()
  })

  it.each([
    ['black', () => [0, 0, 0]],
    ['skin', () => [220, 170, 140]],
    ['noise', (x: number, y: number) => [hash(x, y), hash(y, x), hash(x + y, x)]],
    ['a gradient', (x: number, y: number) => [x % 256, y % 256, 128]],
    ['a chessboard', (x: number, y: number) => Array(3).fill(((x >> 4) + (y >> 4)) % 2 ? 255 : 0)],
    ['waves', (x: number, y: number) => Array(3).fill(128 + 127 * Math.sin(x / 7) * Math.cos(y / 11))],
  ] as const)('sees no face in %s', async (_, colour) => {
    const detector = createOpenDetector(await createNodeSession(network, { threads: 1 }))
    for (const [width, height] of [
      [640, 480],
      [90, 200],
    ] as const)
      expect(await detector.detect(draw(width, height, colour))).toEqual([])
    await detector.dispose()
  })
})
