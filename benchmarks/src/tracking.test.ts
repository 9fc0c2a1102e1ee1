import type { FaceAligner, ImageView, InputFrame, TrackedFrame } from '@3ddfa/core'
import { centredMean, jitter, lag, stillFrames } from '@3ddfa/core/evaluation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useLocalModels } from '../../scripts/setup.mjs'
import { shared } from '../../scripts/shared.mjs'
import { openAligner } from './compose.ts'
import { follow, idCounts, landmarksOf, measureConfidence } from './tracking.ts'
import { auc } from './tracking-metrics.ts'
import { syntheticVideo } from './tracking-synthetic.ts'
import { hasFfmpeg, openVideo } from './tracking-video.ts'

const one = shared('videos/obama.mp4')
const two = shared('videos/headpose-female-and-male.mp4')
const why =
  one && two && shared('upstream')
    ? hasFfmpeg()
      ? ''
      : ' (skipped: ffmpeg is not here)'
    : ' (skipped: ../shared is not here)'

const lefts = (frames: readonly TrackedFrame[], id: number): number[] => landmarksOf(frames, id).map((p) => p[0]!)

/** A copy of the picture with a rectangle painted grey. */
function covered(image: ImageView, x1: number, y1: number, x2: number, y2: number): ImageView {
  const data = new Uint8Array(image.data)
  for (let y = y1; y < y2; y++) data.fill(128, (y * image.width + x1) * 3, (y * image.width + x2) * 3)
  return { ...image, data }
}

/** The picture in the middle of a black one of another size. */
function framed(image: ImageView, width: number, height: number): ImageView {
  const data = new Uint8Array(width * height * 3)
  const [dx, dy] = [(width - image.width) >> 1, (height - image.height) >> 1]
  for (let y = 0; y < image.height; y++)
    data.set(image.data.subarray(y * image.width * 3, (y + 1) * image.width * 3), ((y + dy) * width + dx) * 3)
  return { data, width, height, channels: 3 }
}

describe.skipIf(why !== '')(`tracking in videos${why}`, () => {
  let aligner: FaceAligner
  const frames: Record<'one' | 'two', InputFrame[]> = { one: [], two: [] }
  let raw: TrackedFrame[]

  beforeAll(async () => {
    useLocalModels()
    aligner = await openAligner({ backend: 'reference' })
    for await (const frame of openVideo(one!).frames()) frames.one.push(frame)
    for await (const frame of openVideo(two!).frames()) frames.two.push(frame)
    raw = await follow(aligner, frames.one, 'none')
  })
  afterAll(() => aligner?.dispose())

  it('one face keeps one id in all 55 frames', () => {
    expect([...idCounts(raw)]).toEqual([[1, 55]])
    expect(Math.min(...raw.map((f) => f.faces[0]!.confidence))).toBeGreaterThan(0.95)
  })

  it('two faces keep their ids and places in all 56 frames', async () => {
    const both = await follow(aligner, frames.two, 'one-euro')
    expect([...idCounts(both)].sort()).toEqual([
      [1, 56],
      [2, 56],
    ])
    const [first, second] = [lefts(both, 1), lefts(both, 2)]
    const isLeft = first[0]! < second[0]!
    expect(first.every((x, t) => x < second[t]! === isLeft)).toBe(true)
  })

  it('the confidence tells good crops from lost ones: AUC of at least 0.995', async () => {
    const { good, lost } = await measureConfidence(aligner, raw)
    expect(good.length).toBeGreaterThan(150)
    expect(lost.length).toBeGreaterThan(200)
    expect(auc(good, lost)).toBeGreaterThan(0.995)
  })

  it.each([
    ['one-euro', 0.4, 1],
    ['look-ahead', 0.6, 0.1],
  ] as const)(
    '%s lowers jitter on still stretches by at least %f, %f frames late at most',
    async (name, less, late) => {
      const smooth = landmarksOf(await follow(aligner, frames.one, name), 1)
      const points = landmarksOf(raw, 1)
      const still = stillFrames(points, 25, 0.25)
      expect(still.length).toBeGreaterThan(20)
      expect(1 - jitter(smooth, still) / jitter(points, still)).toBeGreaterThan(less)
      expect(lag(smooth, centredMean(points, 1))).toBeLessThanOrEqual(late)
    },
  )

  it('a covered face is gone and comes back with its id', async () => {
    const covering = frames.one.map((frame, i) =>
      i >= 20 && i < 28 ? { ...frame, image: covered(frame.image, 480, 20, 900, 460) } : frame,
    )
    const tracked = await follow(aligner, covering, 'one-euro')
    expect(tracked.map((f) => f.faces.length)).toEqual(covering.map((_, i) => (i >= 20 && i < 28 ? 0 : 1)))
    expect([...idCounts(tracked).keys()]).toEqual([1])
  })

  it('after a scene cut the faces are new ones, found in that very frame', async () => {
    const [{ width, height }] = [frames.one[0]!.image]
    const images = [
      ...frames.one.slice(0, 10).map((f) => f.image),
      ...frames.two.slice(0, 10).map((f) => framed(f.image, width, height)),
    ]
    const tracked = await follow(
      aligner,
      images.map((image, i) => ({ image, timestamp: i / 25 })),
      'none',
    )
    expect(tracked.map((f) => f.cut)).toEqual(images.map((_, i) => i === 10))
    expect(tracked[10]!.lost).toEqual([1])
    expect(tracked.slice(10).map((f) => f.faces.map((face) => face.id))).toEqual(
      Array.from({ length: 10 }, () => [2, 3]),
    )
  })
})

describe('metrics', () => {
  const line = (values: number[]): number[][] =>
    values.map((x) => Array.from({ length: 204 }, (_, i) => (i % 3 === 0 ? x + i : i)))

  it('auc counts pairs, ties half', () => {
    expect(auc([3, 4], [1, 2])).toBe(1)
    expect(auc([1], [2])).toBe(0)
    expect(auc([1, 3], [2, 3])).toBe((0 + 0 + 1 + 0.5) / 4)
  })

  it('jitter is the mean acceleration by face size, zero for even motion', () => {
    expect(jitter(line([0, 1, 2, 3]), [1, 2])).toBeCloseTo(0, 12)
    // Landmarks span 201 pixels both ways; second difference of 0, 1, 0 is 2.
    expect(jitter(line([0, 1, 0]), [1])).toBeCloseTo((100 * 2) / 201, 9)
  })

  it('lag finds a delay between frames', () => {
    const wave = (t: number): number => 50 * Math.sin(t / 5)
    const range = Array.from({ length: 60 }, (_, t) => t)
    expect(lag(line(range.map((t) => wave(t - 1.5))), line(range.map(wave)))).toBeCloseTo(1.5, 1)
  })

  it('still frames are those without motion', () => {
    const frames = line(Array.from({ length: 40 }, (_, t) => Math.max(0, t - 20) * 10))
    expect(stillFrames(frames, 25, 0.05)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1))
  })
})

it('a synthetic video moves its points as it says', () => {
  const photo = {
    data: Uint8Array.from({ length: 90 * 60 * 3 }, (_, i) => (Math.floor(i / 3) === 30 * 90 + 40 ? 255 : 0)),
    width: 90,
    height: 60,
    channels: 3 as const,
  }
  const video = syntheticVideo(photo, [45, 30], () => ({ x: 10, y: -4, zoom: 1, angle: Math.PI / 2 }), {
    width: 80,
    height: 60,
    count: 1,
  })
  const point = video.place([40, 30, 0], video.placements[0]!)
  // The bright pixel lies 5 left of the centre: after a quarter turn clockwise 5 above it.
  expect([...point]).toEqual([50, 21, 0].map((v) => expect.closeTo(v, 9)))
  expect([...video.unplace(point, video.placements[0]!)]).toEqual([40, 30, 0].map((v) => expect.closeTo(v, 9)))
  const [{ image }] = [...video.frames()] as [InputFrame]
  const brightest = image.data.indexOf(Math.max(...image.data))
  expect(Math.floor(brightest / 3)).toBe(21 * 80 + 50)
})
