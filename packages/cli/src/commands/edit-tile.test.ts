import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../scripts/temporary-folder.mjs'
import { readTile } from './edit-tile.ts'

describe('readTile', () => {
  const folder = temporaryFolder('tile')
  const flags = { maxPixels: 1e6 }
  const path = (name: string) => join(folder, name)

  beforeAll(async () => {
    // Red counts the columns, green the rows.
    for (const [name, width, height] of [
      ['one.png', 4, 4],
      ['three.png', 12, 4],
      ['odd.png', 10, 4],
      ['tall.png', 4, 8],
    ] as const) {
      const pixels = Buffer.alloc(3 * width * height)
      for (let i = 0; i < width * height; i++) pixels.set([i % width, Math.floor(i / width), 9], 3 * i)
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(path(name))
    }
  })

  it('takes a square whole, whatever the face', async () => {
    const { width, height, data } = await readTile(path('one.png'), 'texture', 2, flags)
    expect([width, height, ...data.subarray(0, 6)]).toEqual([4, 4, 0, 0, 9, 1, 0, 9])
  })

  it('takes the tile of the face', async () => {
    const { width, height, data, channels } = await readTile(path('three.png'), 'texture', 3, flags)
    expect([width, height]).toEqual([4, 4])
    for (let i = 0; i < 16; i++)
      expect([...data.subarray(channels * i, channels * i + 2)]).toEqual([8 + (i % 4), Math.floor(i / 4)])
  })

  it('refuses other forms, and a face that is not there', async () => {
    for (const name of ['odd.png', 'tall.png'])
      await expect(readTile(path(name), 'mask', 1, flags)).rejects.toThrow(
        'a mask must be a square of at least 2 x 2, or several side by side.',
      )
    await expect(readTile(path('three.png'), 'mask', 4, flags)).rejects.toThrow(
      'holds 3 faces side by side, and --face says 4.',
    )
  })
})
