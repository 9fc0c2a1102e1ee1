import { describe, expect, it } from 'vitest'
import { fitCells } from './cells.ts'
import { createFaceBoxes, FACEBOXES_DEFAULTS, fitFaceBoxes } from './faceboxes.ts'
import { fakeFaceBoxes, fakeSession, flat } from './testing.ts'
import { fitUltraFace } from './ultraface.ts'

describe('fitFaceBoxes', () => {
  // What the Python reference computes: both sides truncated, in double precision.
  it.each([
    [1, 1, 1, 1],
    [640, 480, 640, 480],
    [1080, 720, 1080, 720],
    [1081, 720, 1080, 719],
    [1080, 721, 1078, 720],
    [1536, 689, 1080, 484],
    [3913, 1901, 1080, 524],
    [1000, 4000, 180, 720],
    [4000, 1000, 1080, 270],
    [1919, 1079, 1080, 607],
    [737, 983, 539, 720],
    [12345, 6789, 1079, 593],
  ])('%i x %i becomes %i x %i', (width, height, scaledWidth, scaledHeight) => {
    const fit = fitFaceBoxes({ width, height }, FACEBOXES_DEFAULTS)
    expect([fit.width, fit.height]).toEqual([scaledWidth, scaledHeight])
    expect(fit.region).toEqual({ x1: 0, y1: 0, x2: width, y2: height })
    expect(fit.scaleX).toBe(fit.scaleY)
  })

  it.each([
    [{ maxSize: 400 }, 400, 200],
    [{ maxSize: 400, maxHeight: 100 }, 200, 100],
    [{ maxSize: 400, maxHeight: undefined as unknown as number }, 400, 200],
    [{ maxWidth: 360 }, 360, 180],
  ])('with %o a picture of 2000 x 1000 becomes %i x %i', async (options, width, height) => {
    const session = fakeSession(fakeFaceBoxes, [])
    await createFaceBoxes(session, options).detect(flat(2000, 1000))
    expect(session.calls[0]!.dims).toEqual([1, height, width, 3])
  })

  it('refuses a size that is none, by the name that it was given', () => {
    const session = fakeSession(fakeFaceBoxes, [])
    expect(() => createFaceBoxes(session, { maxSize: 0 })).toThrow('a positive integer for maxSize')
  })

  it('leaves at least a pixel, where the reference fails', () => {
    expect(fitFaceBoxes({ width: 20000, height: 3 }, FACEBOXES_DEFAULTS)).toMatchObject({ width: 1080, height: 1 })
    expect(fitFaceBoxes({ width: 3, height: 20000 }, FACEBOXES_DEFAULTS)).toMatchObject({ width: 1, height: 720 })
  })
})

const sizes = [
  { width: 1, height: 1 },
  { width: 333, height: 77 },
  { width: 1536, height: 689 },
  { width: 20000, height: 3 },
  { width: 3, height: 20000 },
]

describe.each([
  ['fitUltraFace', fitUltraFace, 0.005],
  ['fitCells', (size: { width: number; height: number }) => fitCells(size, 640), 0.02],
] as const)('%s', (_, fitOf, tolerance) => {
  it.each(sizes)('covers all of $width x $height and keeps its aspect ratio', (size) => {
    const fit = fitOf(size)
    expect(fit.region.x2).toBeGreaterThanOrEqual(size.width)
    expect(fit.region.y2).toBeGreaterThanOrEqual(size.height)
    expect(fit.scaleX * fit.width).toBeCloseTo(fit.region.x2, 9)
    // Whole pixels: a picture of a few pixels cannot keep it exactly.
    const slack = tolerance + 1 / Math.min(fit.region.x2, fit.region.y2)
    expect(Math.abs(fit.scaleX / fit.scaleY - 1)).toBeLessThan(slack)
  })
})

describe('fitCells', () => {
  it('scales down only, to multiples of 32', () => {
    expect(fitCells({ width: 100, height: 33 }, 640)).toMatchObject({ width: 128, height: 64, scaleX: 1, scaleY: 1 })
    expect(fitCells({ width: 1536, height: 689 }, 640)).toMatchObject({ width: 640, height: 288, scaleX: 2.4 })
    expect(fitCells({ width: 640, height: 640 }, 320)).toMatchObject({ width: 320, height: 320, scaleX: 2 })
  })

  it('takes no more than it needs, whichever way the scale is rounded', () => {
    for (const maxSize of [320, 640])
      for (let side = maxSize; side <= 8000; side++) {
        const { width, height } = fitCells({ width: side, height: side / 2 }, maxSize)
        expect([width, height], `${side}`).toEqual([maxSize, maxSize / 2])
      }
  })
})
