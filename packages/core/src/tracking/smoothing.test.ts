import { describe, expect, it } from 'vitest'
import { FaceAligner } from '../face-aligner.ts'
import { rotationFromAngles } from '../pose.ts'
import { random } from '../testing.ts'
import { LookAheadSmoother } from './look-ahead.ts'
import { OneEuroSmoother } from './one-euro-smoother.ts'
import type { TrackerOptions } from './options.ts'
import { type ToyFace, type ToyOptions, toyModel, toyScene } from './toy-scene.ts'
import type { TrackedFrame } from './tracked-frame.ts'

async function follow(
  frames: readonly (readonly ToyFace[])[],
  options: TrackerOptions,
  toy: ToyOptions = {},
): Promise<TrackedFrame[]> {
  const { parts, source } = toyScene(frames, toy)
  const tracker = (await FaceAligner.create(parts)).tracker(options)
  const out: TrackedFrame[] = []
  for (const { image, timestamp } of source) {
    const frame = await tracker.next(image, timestamp)
    if (frame) out.push(frame)
  }
  return [...out, ...tracker.finish()]
}

const wobble = (count: number): ToyFace[][] =>
  Array.from({ length: count }, (_, i) => [{ x: 200 + 5 * Math.sin(i * 7), y: 150, size: 100 + 3 * Math.cos(i * 5) }])
/** Mean length of the landmarks' second differences, pixels. */
function acceleration(frames: readonly TrackedFrame[]): number {
  const [points, inner] = [frames.map(landmarks), frames.length - 2]
  let sum = 0
  for (let t = 1; t <= inner; t++)
    for (let i = 0; i < 204; i += 3) {
      const [dx, dy] = [0, 1].map((k) => points[t - 1]![i + k]! - 2 * points[t]![i + k]! + points[t + 1]![i + k]!)
      sum += Math.hypot(dx!, dy!)
    }
  return sum / inner / 68
}
const landmarks = (frame: TrackedFrame): Float32Array => frame.faces[0]!.landmarks
const vertices = (frame: TrackedFrame): Float32Array => frame.faces[0]!.vertices!

describe('look-ahead', () => {
  it('is the mean over the neighbours, of as many frames less on both sides at the ends', async () => {
    const raw = await follow(wobble(6), { smoothing: 'none', dense: true })
    const smooth = await follow(wobble(6), { smoothing: 'look-ahead', nPre: 2, nNext: 1, dense: true })
    expect(smooth.map((f) => f.index)).toEqual([0, 1, 2, 3, 4, 5])
    for (let t = 0; t < 6; t++) {
      // One frame more before than after, where there are that many.
      const window = [[0], [0, 1], [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [4, 5]][t]!.map((k) => raw[k]!)
      for (const pick of [landmarks, vertices])
        pick(smooth[t]!).forEach((v, i) => {
          expect(v).toBeCloseTo(
            window.reduce((sum, f) => sum + pick(f)[i]! / window.length, 0),
            3,
          )
        })
    }
  })

  it('keeps the turn of a frame whose neighbours have no mean', async () => {
    const { parts, source } = toyScene(wobble(3))
    const turned = [0, Math.PI, 0]
    const aligner = await FaceAligner.create(parts)
    const smoother = new LookAheadSmoother(
      { decode: (params, roi) => aligner.faceFromParams(params, roi) },
      aligner.model,
      120,
      { nPre: 0, nNext: 1 },
    )
    const frames = turned.map((yaw, index) => {
      const r = rotationFromAngles({ pitch: 0, yaw, roll: 0 })
      const params = Float32Array.of(r[0], r[1], r[2], 60, r[3], r[4], r[5], 60, r[6], r[7], r[8], 60, 0, 0)
      const face = aligner.faceFromParams(params, { x1: 0, y1: 0, x2: 120, y2: 120 })
      return { ...source[index]!, index, faces: [{ ...face, id: 1, confidence: 1 }], lost: [] } as never
    })
    const out = [...frames.flatMap((frame) => smoother.next(frame) ?? []), ...smoother.finish()]
    // Where the face looks: towards the viewer, away, and back.
    expect(out.map(({ faces }) => Math.round(100 * faces[0]!.pose.rotation[8]))).toEqual([100, -100, 100])
  })

  it('is late by nNext frames and then hands out the rest', async () => {
    const { parts, source } = toyScene(wobble(5))
    const tracker = (await FaceAligner.create(parts)).tracker({ smoothing: 'look-ahead', nNext: 2 })
    expect(tracker.latency).toBe(2)
    const indices: (number | undefined)[] = []
    for (const { image, timestamp } of source) indices.push((await tracker.next(image, timestamp))?.index)
    expect(indices).toEqual([undefined, undefined, 0, 1, 2])
    expect(tracker.finish().map((f) => f.index)).toEqual([3, 4])
    expect(tracker.finish()).toEqual([])
  })

  it('leaves a face that moves steadily where it is, also where it appears and goes', async () => {
    const moving = Array.from({ length: 9 }, (_, i) => [{ x: 150 + 10 * i, y: 150, size: 100, hidden: i < 2 || i > 6 }])
    const smooth = await follow(moving, { smoothing: 'look-ahead' })
    const raw = await follow(moving, { smoothing: 'none' })
    const seen = smooth.filter(({ faces }) => faces.length > 0)
    expect(seen.map(({ index }) => index)).toEqual([2, 3, 4, 5, 6])
    for (const frame of seen)
      landmarks(frame).forEach((v, i) => {
        expect(Math.abs(v - landmarks(raw[frame.index]!)[i]!)).toBeLessThan(1.5)
      })
  })

  it('does not mix a face with what it was before it was hidden', async () => {
    const frames = wobble(9).map(([f], i) => [{ ...f!, x: i < 3 ? 200 : 260, hidden: i >= 3 && i < 6 }])
    const smooth = await follow(frames, { smoothing: 'look-ahead', nPre: 5 })
    const raw = await follow(frames, { smoothing: 'none' })
    expect(smooth[6]!.faces[0]!.id).toBe(1)
    landmarks(smooth[6]!).forEach((v, i) => {
      expect(v).toBeCloseTo(landmarks(raw[6]!)[i]!, 3)
    })
  })

  it('gives parameters that decode to nearly the same points', async () => {
    const { parts, source } = toyScene(wobble(5))
    const aligner = await FaceAligner.create(parts)
    for await (const { faces } of aligner.track(source, { smoothing: 'look-ahead' })) {
      const { params, roi, landmarks: points } = faces[0]!
      aligner.faceFromParams(params, roi).landmarks.forEach((v, i) => {
        expect(Math.abs(v - points[i]!)).toBeLessThan(0.05)
      })
    }
  })
})

describe('one-euro', () => {
  it('calms jitter without latency, and its landmarks are those of its parameters', async () => {
    const next = random(8)
    const jittery = Array.from({ length: 60 }, () => [{ x: 200 + 2 * next(), y: 150 + 2 * next(), size: 100 + next() }])
    const { parts, source } = toyScene(jittery)
    const aligner = await FaceAligner.create(parts)
    const tracker = aligner.tracker({ smoothing: 'one-euro' })
    expect(tracker.latency).toBe(0)
    const smooth: TrackedFrame[] = []
    for (const { image, timestamp } of source) {
      const frame = (await tracker.next(image, timestamp))!
      const [face] = frame.faces
      expect(aligner.faceFromParams(face!.params, face!.roi).landmarks).toEqual(face!.landmarks)
      smooth.push(frame)
    }
    const raw = await follow(jittery, { smoothing: 'none' })
    expect(acceleration(smooth)).toBeLessThan(acceleration(raw) / 2)
  })

  it.each([25, 4.1, 3.9, 2])('calms jitter at %d frames a second', async (fps) => {
    const next = random(9)
    const jittery = Array.from({ length: 60 }, () => [{ x: 200 + next(), y: 150 + next(), size: 100 }])
    const smooth = await follow(jittery, { smoothing: 'one-euro' }, { fps })
    const raw = await follow(jittery, { smoothing: 'none' }, { fps })
    expect(acceleration(smooth)).toBeLessThan(0.85 * acceleration(raw))
  })

  it('starts afresh for a face that was away', async () => {
    const frames = wobble(40).map(([f], i) => [{ ...f!, x: i < 20 ? 200 : 250, hidden: i >= 10 && i < 20 }])
    const options = { grace: 1, smoothing: 'one-euro' } as const
    const smooth = await follow(frames, options)
    const raw = await follow(frames, { ...options, smoothing: 'none' })
    const back = raw.findIndex((f) => f.index >= 20 && f.faces.length > 0)
    landmarks(smooth[back]!).forEach((v, i) => {
      expect(v).toBeCloseTo(landmarks(raw[back]!)[i]!, 3)
    })
  })

  it('keeps nothing of a face that was lost', async () => {
    // No tracker gives an id again; here it shows what is left.
    const [first, second, third] = (await follow(wobble(3), { smoothing: 'none' })) as [
      TrackedFrame,
      TrackedFrame,
      TrackedFrame,
    ]
    const paramsAfter = (...before: readonly TrackedFrame[]): Float32Array => {
      const { landmarks, pose } = third.faces[0]!
      const smoother = new OneEuroSmoother({ decode: () => ({ landmarks, pose }) }, toyModel(), 120)
      for (const frame of before) smoother.next(frame)
      return smoother.next(third).faces[0]!.params
    }
    const hidden = { ...second, faces: [] }
    const afresh = paramsAfter()
    expect(paramsAfter(first, hidden)).not.toEqual(afresh)
    expect(paramsAfter(first, { ...hidden, lost: [first.faces[0]!.id] })).toEqual(afresh)
  })
})

it('none says what the network says', async () => {
  const [frame] = await follow([[{ x: 123, y: 80, size: 60 }]], { smoothing: 'none' })
  const xs = landmarks(frame!).filter((_, i) => i % 3 === 0)
  expect(Math.min(...xs)).toBeCloseTo(93, 0)
  expect(Math.max(...xs)).toBeCloseTo(153, 0)
})
