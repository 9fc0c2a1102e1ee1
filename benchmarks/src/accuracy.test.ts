import { type AlignOptions, createImage, type FaceAligner } from '@3ddfa/core'
import { mean } from '@3ddfa/core/evaluation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useLocalModels } from '../../scripts/setup.mjs'
import { shared } from '../../scripts/shared.mjs'
import { evaluate, evaluatePose } from './accuracy.ts'
import { openAligner } from './compose.ts'
import { type Point, readAflw2000, readLandmarkFolder, type Sample } from './data.ts'

/** Clockwise. */
function turned({ name, image, truth }: Sample, turns: number): Sample {
  if (turns === 0) return { name, image, truth }
  const { width, height } = image
  const out = createImage(height, width)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      out.data.set(image.data.subarray(3 * (y * width + x)).subarray(0, 3), 3 * (x * height + height - 1 - y))
  const once = { name, image: out, truth: truth.map(([x, y]): Point => [height - 1 - y, x]) }
  return turned(once, turns - 1)
}

const aflw = shared('images/aflw2000')
const frames = shared('images/youtube_faces')
const why = aflw && frames && shared('upstream') ? '' : ' (skipped: ../shared is not here)'

/** The reference's own figures with the same weights; 0.05 more is a bug. */
describe.skipIf(why !== '')(`accuracy on known points${why}`, () => {
  let aligner: FaceAligner
  beforeAll(async () => {
    useLocalModels()
    aligner = await openAligner({ backend: 'reference' })
  })
  afterAll(() => aligner?.dispose())

  it("AFLW2000-3D: NME 3.26, and the default pose convention is twice as near as the reference's formula", async () => {
    const samples = await readAflw2000(aflw!)
    expect(samples).toHaveLength(8)
    expect(mean(await evaluate(aligner, samples))).toBeLessThan(3.26 + 0.05)
    expect(await evaluatePose(aligner, samples, 'aflw2000')).toBeLessThan(3.5)
    expect(await evaluatePose(aligner, samples, '3ddfa-v2')).toBeGreaterThan(5.5)
  })

  it('YouTube Faces: NME 4.09', async () => {
    const errors = await evaluate(aligner, await readLandmarkFolder(frames!))
    expect(errors).toHaveLength(40)
    expect(mean(errors)).toBeLessThan(4.09 + 0.05)
  })

  it("from a detector's boxes a second look is worth a tenth of the error, the mirror image a bit more", async () => {
    const frames40 = await readLandmarkFolder(frames!)
    const error = async (options: AlignOptions) => mean(await evaluate(aligner, frames40, 'detector', options))
    const [once, twice] = [await error({ refine: false }), await error({})]
    expect(once).toBeGreaterThan(4.5)
    expect(twice).toBeLessThan(4.3)
    expect(await error({ flip: true })).toBeLessThan(twice - 0.05)
  })

  it.each([1, 2, 3])(
    'of pictures that are turned %i times by 90 degrees it is as good as of upright ones',
    async (turns) => {
      const samples = (await readLandmarkFolder(frames!)).map((sample) => turned(sample, turns))
      const errors = await evaluate(aligner, samples, 'detector', { anyRoll: true })
      expect(errors).toHaveLength(40)
      expect(mean(errors)).toBeLessThan(4.3)
    },
  )
})
