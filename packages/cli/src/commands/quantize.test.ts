import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createUltraFace, createYuNet } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { openModelStore } from '@3ddfa/models/node'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../../scripts/shared.mjs'
import { temporaryFolder } from '../../../../scripts/temporary-folder.mjs'
import { openAligner } from '../compose.ts'
import { createConsole } from '../console.ts'
import { readPicture } from '../images.ts'
import { quantizeModel } from './quantize.ts'

const sources = ['upstream', 'standin'].map((name) => shared(name))
const picture = shared('images/trump_hillary.jpg')
const why = sources.every(Boolean) && picture ? '' : ' (skipped: ../shared is not here)'

describe.skipIf(why !== '')(`networks in 8 bits${why}`, () => {
  const folder = temporaryFolder('quantize')
  const cacheDir = join(folder, 'cache')
  const flags = { from: sources as string[], cache: cacheDir, offline: true, quiet: true }
  const console = createConsole({ quiet: true })
  const store = openModelStore({ sources: sources as string[], cacheDir, offline: true, onWarning: () => {} })

  /** Landmarks of the picture's faces. */
  async function look(choice: { model: string; detector: 'faceboxes' | 'faceboxes-int8'; detectSize?: number }) {
    const aligner = await openAligner({ ...choice, backend: 'auto', threads: 1 }, store, console)
    const faces = await aligner.align((await readPicture(picture!)).image)
    await aligner.dispose()
    expect(aligner.detector!.id).toBe(choice.detector)
    return faces.sort((a, b) => a.roi.x1 - b.roi.x1)
  }

  it.each([
    ['pulled', 'mb05-int8', undefined],
    ['made here', join(folder, 'own.onnx'), undefined],
    ['with a small picture for the detector', 'mb05-int8', 480],
  ] as const)(
    'see the same faces: %s',
    async (_, model, detectSize) => {
      if (model.endsWith('.onnx')) {
        const broken = join(folder, 'broken.jpg')
        writeFileSync(broken, 'no picture')
        await quantizeModel('mb05', model, { ...flags, pictures: [broken, dirname(picture!)] })
        rmSync(broken)
      }
      const exact = await look({ model: 'mb05', detector: 'faceboxes' })
      const fast = await look({ model, detector: 'faceboxes-int8', ...(detectSize && { detectSize }) })
      expect(fast).toHaveLength(exact.length)
      for (const [i, face] of exact.entries()) {
        const size = face.roi.x2 - face.roi.x1
        const distances = Array.from({ length: 68 }, (_, k) =>
          Math.hypot(
            face.landmarks[3 * k]! - fast[i]!.landmarks[3 * k]!,
            face.landmarks[3 * k + 1]! - fast[i]!.landmarks[3 * k + 1]!,
          ),
        )
        expect(distances.reduce((sum, d) => sum + d, 0) / 68 / size).toBeLessThan(0.02)
      }
    },
    120_000,
  )

  it.each([
    ['of one size', 'ultraface', createUltraFace],
    ['of any size', 'yunet', createYuNet],
  ] as const)(
    "takes another's detector %s, which then finds the same faces",
    async (_, id, createDetector) => {
      const out = join(folder, `${id}-int8.onnx`)
      await quantizeModel(id, out, { ...flags, pictures: [dirname(picture!)] })
      const { image } = await readPicture(picture!)
      const [exact, fast] = await Promise.all(
        [await store.ensure(id), out].map(async (path) => {
          const detector = createDetector(await createNodeSession(path, { threads: 1 }))
          const boxes = await detector.detect(image)
          await detector.dispose()
          return boxes.sort((a, b) => a.x1 - b.x1)
        }),
      )
      expect(exact).toHaveLength(2)
      expect(fast).toHaveLength(2)
      for (const [i, { x1, y1, x2, y2 }] of exact!.entries()) {
        const other = fast![i]!
        for (const moved of [other.x1 - x1, other.y1 - y1, other.x2 - x2, other.y2 - y2])
          expect(Math.abs(moved)).toBeLessThan(0.1 * (x2 - x1))
      }
    },
    120_000,
  )

  it('needs pictures, and a detector whose size can be chosen', async () => {
    await expect(quantizeModel('mb05', join(folder, 'x.onnx'), { ...flags, pictures: [folder] })).rejects.toThrow(
      'There is no picture in the folder',
    )
    await expect(
      openAligner({ model: 'mb05', detector: 'ultraface', detectSize: 300, backend: 'auto' }, store, console),
    ).rejects.toThrow('leave --detect-size out')
  }, 60_000)
})
