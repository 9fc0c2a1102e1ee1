import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { FaceBox, ImageView, Session, Tensor } from '@3ddfa/core'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import { parseNpy } from '../../core/src/testing.ts'
import { createFaceBoxes } from './faceboxes.ts'

const sharp = createRequire(new URL('../../cli/package.json', import.meta.url))('sharp')
const golden = shared('golden')
const npy = (name: string) => parseNpy(readFileSync(`${golden}/${name}.npy`))

/** A session that answers with what the reference's network gave, and keeps what it was fed. */
function goldenSession(picture: string): Session & { fed: Tensor[] } {
  const outputs = Object.fromEntries(
    ['loc', 'conf'].map((name) => {
      const { data, shape } = npy(`${picture}_fb_${name}`)
      return [name, { type: 'float32', data: data as Float32Array, dims: [1, ...shape] }] as const
    }),
  )
  const fed: Tensor[] = []
  return {
    fed,
    inputs: [{ name: 'image', type: 'uint8', dims: [1, -1, -1, 3] }],
    outputs: Object.entries(outputs).map(([name, { type, dims }]) => ({ name, type, dims })),
    async run({ image }) {
      fed.push({ ...image!, data: image!.data.slice() as Uint8Array })
      return outputs
    },
    async dispose() {},
  }
}

/** Largest distance of a corner from the reference's, pixels of the picture. */
function cornerError(found: readonly FaceBox[], picture: string): number {
  const { data, shape } = npy(`${picture}_boxes`)
  expect(found.length).toBe(shape[0])
  let worst = 0
  found.forEach(({ x1, y1, x2, y2, score }, i) => {
    const row = [...data.subarray(5 * i, 5 * i + 5)]
    expect(score).toBe(row[4])
    for (const [k, value] of [x1, y1, x2, y2].entries()) worst = Math.max(worst, Math.abs(value - row[k]!))
  })
  return worst
}

async function decodePng(path: string): Promise<ImageView> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: 3 }
}

describe.skipIf(!golden)(
  `FaceBoxes as the reference${golden ? '' : ' (skipped: ../shared/golden is not here)'}`,
  () => {
    it.each([
      ['trump_hillary', 1536, 689],
      ['emma', 3913, 1901],
    ])('boxes of %s', async (picture, width, height) => {
      const blank: ImageView = { data: new Uint8Array(width * height * 3), width, height, channels: 3 }
      const found = await createFaceBoxes(goldenSession(picture)).detect(blank)
      // 2.5e-4 reached: the reference multiplies in float32.
      expect(cornerError(found, picture)).toBeLessThan(0.001)
    })

    it('the resized picture, bit for bit', async () => {
      const session = goldenSession('trump_hillary')
      await createFaceBoxes(session).detect(await decodePng(`${golden}/trump_hillary_input.png`))
      const { data, shape } = npy('trump_hillary_fb_scaled_bgr_u8')
      const rgb = Uint8Array.from(data, (_, i) => data[i - (i % 3) + 2 - (i % 3)]!)
      expect(session.fed[0]!.dims).toEqual([1, ...shape])
      expect(Buffer.compare(session.fed[0]!.data as Uint8Array, rgb)).toBe(0)
    })
  },
)
