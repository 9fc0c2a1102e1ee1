import type { FaceBox } from '@3ddfa/core'
import { describe, expect, it } from 'vitest'
import { fitCells } from './cells.ts'
import { createDetector, DETECTOR_NAMES } from './create-detector.ts'
import { FACEBOXES_DEFAULTS, fitFaceBoxes } from './faceboxes.ts'
import type { Fit } from './fit.ts'
import {
  type FakeNetwork,
  fakeFaceBoxes,
  fakeSession,
  fakeUltraFace,
  fakeYuNet,
  flat,
  type Planted,
  toPicture,
} from './testing.ts'
import { fitUltraFace } from './ultraface.ts'
import { YUNET_DEFAULTS } from './yunet.ts'

interface Subject {
  readonly network: FakeNetwork
  fit(size: { width: number; height: number }): Fit
  readonly options?: object
}

const subjects: Record<(typeof DETECTOR_NAMES)[number], Subject> = {
  faceboxes: { network: fakeFaceBoxes, fit: (size) => fitFaceBoxes(size, FACEBOXES_DEFAULTS) },
  ultraface: { network: fakeUltraFace, fit: fitUltraFace },
  // In one look; more of them are in pyramid.test.ts.
  open: { network: fakeYuNet, fit: (size) => fitCells(size, 320), options: { maxSize: 320 } },
  yunet: { network: fakeYuNet, fit: (size) => fitCells(size, YUNET_DEFAULTS.maxSize) },
}

/** Decoding and encoding go through float32. */
function expectFaces(found: readonly FaceBox[], planted: readonly FaceBox[]): void {
  expect(found.length).toBe(planted.length)
  planted.forEach((face, i) => {
    for (const key of ['x1', 'y1', 'x2', 'y2'] as const)
      expect(Math.abs(found[i]![key] - face[key]), `${key} of face ${i}`).toBeLessThan(0.002 * (face.x2 - face.x1))
    expect(found[i]!.score).toBeCloseTo(face.score, 6)
  })
}

describe.each(DETECTOR_NAMES)('%s finds what its network saw', (name) => {
  const { network, fit, options: own } = subjects[name]
  const detect = (faces: readonly Planted[], width = 800, height = 600, options = {}, channels: 3 | 4 = 3) =>
    createDetector(name, fakeSession(network, faces), { ...own, ...options }).detect(flat(width, height, channels))

  it('at any size, in picture pixels, best first', async () => {
    const faces: Planted[] = [
      [20, 30, 44, 56, 0.8],
      [150, 40, 230, 130, 0.99],
      [60, 100, 100, 150, 0.9],
    ]
    for (const [width, height] of [
      [800, 600],
      [600, 800],
      [1920, 900],
    ] as const) {
      const planted = [faces[1]!, faces[2]!, faces[0]!].map((face) => toPicture(face, fit({ width, height })))
      expectFaces(await detect(faces, width, height), planted)
      expectFaces(await detect(faces, width, height, {}, 4), planted)
    }
  })

  it('no face: an empty list', async () => {
    expect(await detect([])).toEqual([])
    expect(await detect([[20, 30, 44, 56, 0.4]])).toEqual([])
  })

  it('a face that reaches past the border keeps its whole box', async () => {
    const faces: Planted[] = [[-30, -20, 60, 70, 0.95]]
    expectFaces(await detect(faces), [toPicture(faces[0]!, fit({ width: 800, height: 600 }))])
  })

  it('one face of several candidates: the best one', async () => {
    const faces: Planted[] = [
      [40, 40, 90, 95, 0.9],
      [44, 42, 94, 97, 0.97],
      [36, 38, 88, 92, 0.85],
    ]
    const found = await detect(faces)
    expectFaces(found, [toPicture(faces[1]!, fit({ width: 800, height: 600 }))])
  })

  it('respects its limits', async () => {
    const faces: Planted[] = [0, 1, 2, 3].map((i) => [20 + 60 * i, 30, 44 + 60 * i, 56, 0.99 - 0.01 * i])
    expect(await detect(faces)).toHaveLength(4)
    expect(await detect(faces, 800, 600, { maxFaces: 2 })).toHaveLength(2)
    expect(await detect(faces, 800, 600, { maxCandidates: 3 })).toHaveLength(3)
    expect(await detect(faces, 800, 600, { scoreThreshold: 0.975 })).toHaveLength(2)
    expect(await detect([faces[0]!, [32, 30, 56, 56, 0.9]], 800, 600, { iouThreshold: 0.9 })).toHaveLength(2)
    for (const bad of [{ scoreThreshold: 1 }, { iouThreshold: 0 }, { maxFaces: 0.5 }, { maxCandidates: Number.NaN }])
      await expect(async () => detect([], 8, 8, bad)).rejects.toThrow(/^Expected a /)
  })

  it('pictures of a pixel and of extreme aspect ratio', async () => {
    for (const [width, height] of [
      [1, 1],
      [20000, 2],
      [2, 20000],
    ] as const)
      expect(await detect([], width, height)).toEqual([])
  })

  it('equal scores stay in a stable order', async () => {
    const faces: Planted[] = [0, 1, 2, 3].map((i) => [20 + 60 * i, 30, 44 + 60 * i, 56, 0.9])
    expect(await detect(faces)).toEqual(await detect([...faces].reverse()))
  })
})

describe('createDetector', () => {
  it('names what it knows', () => {
    expect(() => createDetector('mtcnn' as never, fakeSession(fakeYuNet, []))).toThrow(
      'Expected one of faceboxes, ultraface, yunet, open for the detector but received "mtcnn".',
    )
  })

  it('gives the detector its name', () => {
    for (const name of DETECTOR_NAMES)
      expect(createDetector(name, fakeSession(subjects[name].network, [])).id).toBe(name)
  })
})

it('hundreds of faces with several candidates each', async () => {
  const faces: Planted[] = []
  for (let row = 0; row < 18; row++)
    for (let column = 0; column < 26; column++)
      for (let k = 0; k < 4; k++) {
        const [x, y] = [8 + 40 * column + k, 8 + 39 * row - k]
        faces.push([x, y, x + 26, y + 30, 0.99 - 0.01 * k - 1e-5 * faces.length])
      }
  const found = await createDetector('faceboxes', fakeSession(fakeFaceBoxes, faces)).detect(flat(1080, 720))
  const planted = faces.filter((_, i) => i % 4 === 0).map(([x1, y1, x2, y2, score]) => ({ x1, y1, x2, y2, score }))
  expectFaces(found, planted)
})

it('FaceBoxes counts the last pixel of a box in when it measures overlaps, as its reference; UltraFace does not', async () => {
  // 10 x 10 pixels, 4 columns in common: 4 of 16 = 0.25; with a pixel more each side 5 of 17 = 0.29.
  const faces: Planted[] = [
    [40, 40, 50, 50, 0.9],
    [46, 40, 56, 50, 0.8],
  ]
  const count = async (name: 'faceboxes' | 'ultraface') => {
    const detector = createDetector(name, fakeSession(subjects[name].network, faces), { iouThreshold: 0.27 })
    return (await detector.detect(flat(320, 240))).length
  }
  expect([await count('faceboxes'), await count('ultraface')]).toEqual([1, 2])
})

it('UltraFace cuts its largest priors to the height of the picture, as upstream', async () => {
  const face: Planted = [40, 0, 296, 240, 0.95]
  const found = await createDetector('ultraface', fakeSession(fakeUltraFace, [face])).detect(flat(320, 240))
  expectFaces(found, [toPicture(face, fitUltraFace({ width: 320, height: 240 }))])
})
