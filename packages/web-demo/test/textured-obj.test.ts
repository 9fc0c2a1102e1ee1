import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRenderTarget, type ImageView, ReferenceBackend, uvTexture, writeObj } from '@3ddfa/core'
import { quantile } from '@3ddfa/core/evaluation'
import { loadMorphableModel, openModelStore } from '@3ddfa/models/node'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, openPage } from '../../../scripts/chromium.mjs'
import { shared } from '../../../scripts/shared.mjs'
import { temporaryFolder } from '../../../scripts/temporary-folder.mjs'
import { interleave, parseNpy } from '../../core/src/testing.ts'

const golden = shared('golden')
const sources = [shared('upstream'), shared('standin')]
const missing = !findChromium()
  ? 'no Chromium on this machine'
  : !golden || sources.includes(undefined)
    ? '../shared is not here'
    : ''

describe.skipIf(missing)(`a textured .obj, drawn by three.js${missing && ` (skipped: ${missing})`}`, () => {
  const folder = temporaryFolder('obj')
  const backend = new ReferenceBackend()
  let opened: Awaited<ReturnType<typeof openPage>>
  let model: Awaited<ReturnType<typeof loadMorphableModel>>
  let photo: ImageView

  beforeAll(async () => {
    const store = openModelStore({
      cacheDir: join(folder, 'cache'),
      sources: sources as string[],
      offline: true,
      onWarning: () => {},
    })
    model = await loadMorphableModel(store)
    const { data, info } = await sharp(join(golden!, 'trump_hillary_input.png'))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    photo = { data, width: info.width, height: info.height, channels: 3 }
    opened = await openPage({
      entry: fileURLToPath(new URL('./textured-obj.page.ts', import.meta.url)),
      folders: { '/face': folder },
      args: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
    })
  })
  afterAll(async () => {
    await opened?.close()
  })

  it.each([
    [0, 1024, 'keep'],
    [1, 1024, 'keep'],
    [0, 256, 'mirror'],
    [1, 512, 'fill'],
  ] as const)(
    'gives the photograph back where the face is seen (face %i, %i texels, %s)',
    async (face, size, hidden) => {
      const vertices = interleave(parseNpy(readFileSync(join(golden!, 'trump_hillary_dense.npy'))).data, 38_365, face)
      // A name of its own: the browser keeps what it has loaded.
      const name = `face-${face}-${size}`
      const mesh = { vertices, triangles: model.triangles, uv: model.uv }
      const texture = uvTexture(photo, vertices, model, backend, { size, hidden })
      const { obj, mtl } = writeObj([mesh], { height: photo.height, textures: [`${name}.png`], mtlName: `${name}.mtl` })
      writeFileSync(join(folder, `${name}.obj`), obj)
      writeFileSync(join(folder, `${name}.mtl`), mtl!)
      await sharp(texture.data, { raw: texture })
        .png()
        .toFile(join(folder, `${name}.png`))
      const drawn = Buffer.from(
        (await opened.page.evaluate(`draw('/face/', '${name}', ${photo.width}, ${photo.height})`)) as string,
        'base64',
      )

      const differences: number[] = []
      let missed = 0
      const target = createRenderTarget(photo, [vertices])
      backend.rasterize(mesh, target)
      for (let i = 0; i < target.triangleIds.length; i++) {
        if (target.triangleIds[i]! < 0) continue
        const at = (target.y + Math.floor(i / target.width)) * photo.width + target.x + (i % target.width)
        if (drawn[4 * at + 3] === 0) missed++
        else for (let k = 0; k < 3; k++) differences.push(Math.abs(drawn[4 * at + k]! - photo.data[3 * at + k]!))
      }
      const [median, p95] = [0.5, 0.95].map((share) => quantile(differences, share))
      console.log(
        `face ${face}, ${size}, ${hidden}: median ${median}, 95 % within ${p95} levels, ${missed} pixels missed`,
      )
      expect(opened.errors).toEqual([])
      expect(differences.length).toBeGreaterThan(100_000)
      expect(missed).toBeLessThan(differences.length / 3 / 500)
      expect(median).toBeLessThanOrEqual(4)
    },
  )
})
