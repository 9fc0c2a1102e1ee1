import { createImage, type FaceBox, type FaceDetector, type ImageView, InvalidInputError } from '@3ddfa/core'
import { describe, expect, it } from 'vitest'
import { PyramidDetector, sizesOfLooks } from './pyramid.ts'

const face = (x: number, y: number, side: number, score: number): FaceBox => ({
  x1: x,
  y1: y,
  x2: x + side,
  y2: y + side,
  score,
})

/** Sees the same faces in every picture, and counts how often it looked. */
function look(size: number, faces: readonly FaceBox[]) {
  const detector = {
    id: 'fake',
    looked: 0,
    disposed: 0,
    async detect(_: ImageView) {
      this.looked++
      return [...faces]
    },
    async dispose() {
      this.disposed++
    },
  }
  return { size, detector } satisfies { size: number; detector: FaceDetector }
}

const limits = { iouThreshold: 0.3, maxFaces: 10 }
const picture = createImage(1280, 100)

describe('PyramidDetector', () => {
  it('takes from a finer look the faces that are too small for the coarser one, best first', async () => {
    const coarse = look(320, [face(0, 0, 500, 0.8), face(600, 0, 60, 0.9)])
    // 32 pixels at 320 are 128 of the picture.
    const fine = look(640, [face(700, 0, 127, 0.95), face(900, 0, 129, 0.99), face(1100, 0, 20, 0.85)])
    const found = await new PyramidDetector([coarse, fine], limits).detect(picture)
    expect(found).toEqual([
      face(700, 0, 127, 0.95),
      face(600, 0, 60, 0.9),
      face(1100, 0, 20, 0.85),
      face(0, 0, 500, 0.8),
    ])
  })

  it('takes no face twice, and no part of one', async () => {
    const coarse = look(320, [face(0, 0, 300, 0.8), face(600, 0, 60, 0.8)])
    const fine = look(640, [face(602, 0, 60, 0.99), face(100, 100, 40, 0.99), face(280, 0, 50, 0.99)])
    const found = await new PyramidDetector([coarse, fine], limits).detect(picture)
    // The last one lies mostly beside the large face: somebody behind.
    expect(found.map(({ x1 }) => x1)).toEqual([280, 0, 600])
  })

  it('looks closer only where there is more to see', async () => {
    for (const [width, times] of [
      [300, [1, 0, 0]],
      [321, [1, 1, 0]],
      [640, [1, 1, 0]],
      [641, [1, 1, 1]],
    ] as const) {
      const looks = [look(320, []), look(640, []), look(1280, [])]
      await new PyramidDetector(looks, limits).detect(createImage(90, width))
      expect(looks.map(({ detector }) => detector.looked)).toEqual(times)
    }
  })

  it('gives so many faces at most, disposes of all looks, and refuses a broken picture', async () => {
    const looks = [look(320, [face(0, 0, 300, 0.8)]), look(640, [face(600, 0, 50, 0.9), face(700, 0, 50, 0.7)])]
    const detector = new PyramidDetector(looks, { ...limits, maxFaces: 2 })
    expect((await detector.detect(picture)).map(({ score }) => score)).toEqual([0.9, 0.8])
    await expect(detector.detect({ ...picture, width: 5 })).rejects.toThrow(InvalidInputError)
    await detector.dispose()
    expect(looks.map((each) => each.detector.disposed)).toEqual([1, 1])
  })
})

it('looks are at most twice as fine as the one before', () => {
  expect(sizesOfLooks(320, 100)).toEqual([100])
  expect(sizesOfLooks(320, 320)).toEqual([320])
  expect(sizesOfLooks(320, 480)).toEqual([320, 480])
  expect(sizesOfLooks(320, 640)).toEqual([320, 640])
  expect(sizesOfLooks(320, 2000)).toEqual([320, 640, 1280, 2000])
})
