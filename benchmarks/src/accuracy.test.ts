import type { AlignOptions, FaceAligner } from '@3ddfa/core'
import { mean } from '@3ddfa/core/evaluation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rotatedPicture } from '../../packages/core/src/testing.ts'
import { useLocalModels } from '../../scripts/setup.mjs'
import { shared } from '../../scripts/shared.mjs'
import { evaluate, evaluatePose } from './accuracy.ts'
import { openAligner } from './compose.ts'
import { readAflw2000, readLandmarkFolder, type Sample } from './data.ts'

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

  it.each([
    { degrees: 90, least: 39, most: 4.3 },
    { degrees: 180, least: 39, most: 4.3 },
    { degrees: 270, least: 39, most: 4.3 },
    { degrees: 45, least: 38, most: 4.6 },
    { degrees: 225, least: 38, most: 4.6 },
  ])('in frames turned by $degrees degrees $least of 40 faces are found, and are about as exact', async (wanted) => {
    const samples = (await readLandmarkFolder(frames!)).map(({ name, image, truth }): Sample => {
      const { image: turned, point } = rotatedPicture(image, wanted.degrees)
      return { name, image: turned, truth: truth.map(([x, y]) => point(x, y)) }
    })
    const errors = await evaluate(aligner, samples, 'detector', { anyRoll: true })
    expect(errors.length).toBeGreaterThanOrEqual(wanted.least)
    expect(mean(errors)).toBeLessThan(wanted.most)
  })
})
