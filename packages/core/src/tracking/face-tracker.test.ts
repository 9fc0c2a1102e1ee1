import { describe, expect, it } from 'vitest'
import type { Roi } from '../roi.ts'
import { FaceTracker, type TrackRegion } from './face-tracker.ts'
import type { Observation } from './observation.ts'

const options = { detectEvery: 3, grace: 0.5, minConfidence: 0.5, maxFaces: 4 }
const box = (x: number) => ({ x1: x - 50, y1: 50, x2: x + 50, y2: 150, score: 0.9 })
const square = (x: number): Roi => ({ x1: x - 70, y1: 40, x2: x + 70, y2: 180 })

/** Sees a face in the region, at `x`. */
const see = ({ id, roi }: TrackRegion, x: number, confidence = 0.99): Observation => ({
  ...(id !== undefined && { id }),
  crop: roi,
  found: square(x),
  confidence,
})

describe('FaceTracker', () => {
  it('asks for the detector first, then every N frames, and for every frame while nothing is followed', () => {
    const tracker = new FaceTracker(options)
    const due: boolean[] = []
    for (let i = 0; i < 9; i++) {
      const { regions, detect } = tracker.begin(i / 25)
      due.push(detect)
      const seen = detect ? tracker.propose(i < 2 ? [] : [box(100)]) : regions
      tracker.end(seen.map((region) => see(region, 100)))
    }
    expect(due).toEqual([true, true, true, false, false, true, false, false, true])
  })

  it('asks for the detector after a second of slow frames, or after the time of N frames at 30 a second', () => {
    const looks = (detectEvery: number): number[] => {
      const tracker = new FaceTracker({ ...options, detectEvery })
      return Array.from({ length: 25 }, (_, i) => i).filter((i) => {
        const { regions, detect } = tracker.begin(100 + i / 4)
        const seen = detect ? tracker.propose([box(100)]) : regions
        tracker.end(seen.map((region) => see(region, 100)))
        return detect
      })
    }
    expect(looks(30)).toEqual([0, 4, 8, 12, 16, 20, 24])
    expect(looks(2)).toHaveLength(13)
    expect(looks(90)).toEqual([0, 12, 24])
  })

  it('looks where the detector found a face that was not where it was expected', () => {
    const tracker = new FaceTracker(options)
    tracker.begin(0)
    tracker.end(tracker.propose([box(100)]).map((region) => see(region, 100)))
    tracker.begin(0.1)
    expect(tracker.isNewLoss([1])).toBe(true)
    const [again, ...others] = tracker.propose([box(140)], [1])
    expect(others).toEqual([])
    expect(again).toMatchObject({ id: 1, isRough: true })
    expect((again!.roi.x1 + again!.roi.x2) / 2).toBeCloseTo(140, 6)
    expect(tracker.end([see(again!, 140)])).toEqual({ ids: [1], lost: [] })
  })

  it('keeps its own region for a face that is where it was expected', () => {
    const tracker = new FaceTracker(options)
    tracker.begin(0)
    tracker.end(tracker.propose([box(100)]).map((region) => see(region, 100)))
    const { regions } = tracker.begin(0.1)
    expect(tracker.propose([box(110)])).toEqual(regions)
  })

  it('wants more of a new face than of one that it follows', () => {
    const tracker = new FaceTracker(options)
    tracker.begin(0)
    expect(tracker.end(tracker.propose([box(100)]).map((r) => see(r, 100, 0.7)))).toEqual({
      ids: [undefined],
      lost: [],
    })
    tracker.begin(1)
    expect(tracker.end(tracker.propose([box(100)]).map((r) => see(r, 100, 0.8)))).toEqual({ ids: [1], lost: [] })
    expect(tracker.end(tracker.begin(2).regions.map((r) => see(r, 100, 0.55)))).toEqual({ ids: [1], lost: [] })
    expect(tracker.end(tracker.begin(3).regions.map((r) => see(r, 100, 0.45)))).toEqual({ ids: [undefined], lost: [1] })
  })

  it('believes that a hidden face is back after three looks in a row, or where the detector sees it', () => {
    const tracker = new FaceTracker(options)
    tracker.begin(0)
    tracker.end(tracker.propose([box(100)]).map((region) => see(region, 100)))
    const look = (time: number, confidence: number) => {
      const [region] = tracker.begin(time).regions
      const seen = see(region!, 100, confidence)
      return [tracker.isNewReturn(seen), tracker.end([seen]).ids[0]]
    }
    const looks = [0.3, 0.8, 0.6, 0.8, 0.8, 0.8, 0.6].map((confidence, i) => look(0.04 + 0.04 * i, confidence))
    expect(looks.map(([, id]) => id)).toEqual([undefined, undefined, undefined, undefined, undefined, 1, 1])
    expect(looks.map(([isReturn]) => isReturn)).toEqual([false, true, false, true, false, false, false])
    look(0.4, 0.1)
    tracker.begin(0.44)
    expect(
      tracker.end(tracker.propose([box(100)]).map((region) => ({ ...see(region, 100), isRough: region.isRough }))),
    ).toEqual({
      ids: [1],
      lost: [],
    })
  })

  it('asks for the detector every five frames for three seconds after a face was lost', () => {
    const tracker = new FaceTracker({ ...options, detectEvery: 30, grace: 0 })
    const due: number[] = []
    for (let i = 0; i < 180; i++) {
      const boxes = [box(100), ...(i < 10 ? [box(400)] : [])]
      const { regions, detect } = tracker.begin(i / 30)
      if (detect) due.push(i)
      const seen = detect ? tracker.propose(boxes) : regions
      tracker.end(
        seen.flatMap((region) => (region.roi.x1 < 250 ? [see(region, 100)] : i < 10 ? [see(region, 400)] : [])),
      )
    }
    expect(due).toEqual([0, ...Array.from({ length: 18 }, (_, k) => 11 + 5 * k), 126, 156])
  })

  it('gives a face that two tracks see to the one in whose crop it lies better, however old', () => {
    const tracker = new FaceTracker(options)
    tracker.begin(0)
    tracker.end(tracker.propose([box(100), box(200)]).map((region, i) => see(region, i === 0 ? 100 : 200)))
    // Face 1 is covered by face 2, so that the look at its place finds face 2.
    const { regions } = tracker.begin(0.04)
    expect(tracker.end(regions.map((region) => see(region, 195)))).toEqual({ ids: [undefined, 2], lost: [] })
  })

  it('follows no more than maxFaces, however many it is told of without having asked', () => {
    const tracker = new FaceTracker({ ...options, maxFaces: 2 })
    tracker.begin(0)
    const told = [100, 300, 500].map((x) => see({ roi: square(x), isRough: false }, x))
    expect(tracker.end(told)).toEqual({ ids: [1, 2, undefined], lost: [] })
    expect(tracker.begin(0.04).regions.map(({ id }) => id)).toEqual([1, 2])
  })

  it('needs no observation to end what was not seen for too long', () => {
    const tracker = new FaceTracker(options)
    tracker.begin(0)
    tracker.end(tracker.propose([box(100)]).map((region) => see(region, 100)))
    tracker.begin(0.5)
    expect(tracker.end([])).toEqual({ ids: [], lost: [] })
    tracker.begin(0.6)
    expect(tracker.end([])).toEqual({ ids: [], lost: [1] })
    tracker.begin(0.7)
    expect(tracker.end([])).toEqual({ ids: [], lost: [] })
  })
})
