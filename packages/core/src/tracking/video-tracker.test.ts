import { describe, expect, it } from 'vitest'
import { FaceAligner } from '../face-aligner.ts'
import type { ImageView } from '../image.ts'
import type { TrackerOptions } from './options.ts'
import { type ToyFace, type ToyOptions, toyScene } from './toy-scene.ts'
import type { TrackedFrame } from './tracked-frame.ts'

/** Follows a toy scene; each frame as `id@x` of its faces. */
async function follow(
  frames: readonly (readonly ToyFace[])[],
  options: TrackerOptions = {},
  change?: (scene: ReturnType<typeof toyScene>) => void,
  toy: ToyOptions = {},
): Promise<{ seen: string[]; frames: TrackedFrame[]; log: { detections: number; batches: number[] } }> {
  const scene = toyScene(frames, toy)
  change?.(scene)
  const tracker = (await FaceAligner.create(scene.parts)).tracker({ smoothing: 'none', ...options })
  const out: TrackedFrame[] = []
  for (const { image, timestamp } of scene.source) out.push((await tracker.next(image, timestamp))!)
  const centre = (points: Float32Array): number => points.reduce((sum, v, i) => sum + (i % 3 === 0 ? v / 68 : 0), 0)
  const seen = out.map((f) => f.faces.map((face) => `${face.id}@${centre(face.landmarks).toFixed(0)}`).join(' '))
  return { seen, frames: out, log: scene.log }
}

const range = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const face = (x: number, more: Partial<ToyFace> = {}): ToyFace => ({ x, y: 200, size: 100, ...more })
const ids = (frame: TrackedFrame): number[] => frame.faces.map((f) => f.id)

describe('VideoTracker', () => {
  it('follows two moving faces with one batch a frame and a detection every N frames', async () => {
    const { seen, frames, log } = await follow(
      range(31, (i) => [face(200 + 4 * i), face(600 - 3 * i)]),
      { detectEvery: 10 },
    )
    expect(seen[0]).toBe('1@200 2@600')
    expect(seen[30]).toBe('1@320 2@510')
    expect(frames.every((f) => f.faces.length === 2 && f.lost.length === 0)).toBe(true)
    expect(log.detections).toBe(4)
    // The first frame looks twice, since a detector's box is rough; from then on once.
    expect(log.batches).toEqual(range(32, () => 2))
  })

  it('ends a track whose region shrinks to nothing, as any face that is lost', async () => {
    const { frames } = await follow(
      range(40, (i) => [face(200, { size: 100 * 0.5 ** i, hidden: i > 20 })]),
      { grace: 0.2 },
      undefined,
      { sight: 0.01 },
    )
    expect(ids(frames[3]!)).toEqual([1])
    expect(frames).toHaveLength(40)
    expect(frames.at(-1)!.faces).toEqual([])
    expect(frames.flatMap((f) => f.lost)).toContain(1)
  })

  it('keeps ids when one face passes behind another', async () => {
    const crossing = range(50, (i) => {
      const [a, b] = [200 + 10 * i, 690 - 10 * i]
      return [face(a), face(b, { hidden: Math.abs(a - b) < 90 })]
    })
    const { seen, frames } = await follow(crossing)
    expect(seen[0]).toBe('1@200 2@690')
    expect(seen[49]).toBe('1@690 2@200')
    expect(frames.flatMap((f) => f.lost)).toEqual([])
    expect(frames.some((f) => f.faces.length === 1)).toBe(true)
  })

  it('gives a face that enters the next id, and reports the id of one that left once its grace is over', async () => {
    const { frames, seen } = await follow(
      range(60, (i) => [face(200, { hidden: i < 20 }), face(500, { hidden: i >= 30 })]),
      { detectEvery: 5, grace: 0.39 },
    )
    expect(ids(frames[0]!)).toEqual([1])
    expect(seen[25]).toBe('1@500 2@200')
    expect(ids(frames[30]!)).toEqual([2])
    // Last seen in frame 29, at 25 frames a second: more than 0.39 s later is frame 39.
    expect(frames.findIndex((f) => f.lost.length > 0)).toBe(39)
    expect(frames[39]!.lost).toEqual([1])
    expect(frames.flatMap((f) => f.lost)).toEqual([1])
  })

  it('looks at once for a face that jumps, and keeps its id through a short occlusion', async () => {
    const { seen, frames } = await follow(range(40, (i) => [face(i < 10 ? 200 : 255, { hidden: i >= 20 && i < 27 })]))
    expect(seen[10]).toBe('1@255')
    expect(range(7, (i) => frames[20 + i]!.faces.length)).toEqual(range(7, () => 0))
    expect(seen[27]).toBe('1@255')
  })

  it.each([
    [25, 1],
    [25, 30],
    [1, 30],
  ])(
    'finds a face that jumps in the frame in which it does, at %d frames a second with a look every %d',
    async (fps, detectEvery) => {
      const jumping = range(30, (i) => [face(i % 10 < 5 ? 200 : 250), face(600)])
      const { frames, log } = await follow(jumping, { detectEvery }, undefined, { fps, sight: 0.5 })
      expect(frames.map(ids)).toEqual(range(30, () => [1, 2]))
      expect(frames.flatMap((f) => f.lost)).toEqual([])
      expect(log.detections).toBeLessThanOrEqual(30)
    },
  )

  it('never hands out one face twice: tracks that meet become one', async () => {
    const { frames } = await follow(range(40, (i) => (i < 10 ? [face(200), face(320)] : [face(260)])))
    expect(ids(frames[9]!)).toEqual([1, 2])
    expect(frames.slice(10).every((f) => f.faces.length === 1)).toBe(true)
    expect(new Set(frames.slice(10).flatMap(ids)).size).toBe(1)
    expect(frames.flatMap((f) => f.lost)).toHaveLength(1)
  })

  it('ends every track at a scene cut, and detects in that very frame', async () => {
    const paint = ({ source }: ReturnType<typeof toyScene>): void => {
      source.forEach(({ image }, i) => {
        for (let k = 0; k < image.data.length; k++) image.data[k] = (k * (i < 10 ? 7 : 13)) % 256
      })
    }
    const { frames } = await follow(
      range(20, () => [face(200)]),
      {},
      paint,
    )
    expect(frames.filter((f) => f.cut).map((f) => f.index)).toEqual([10])
    expect(frames[10]).toMatchObject({ lost: [1] })
    expect(ids(frames[10]!)).toEqual([2])
  })

  it('tells with the next frame what ended in one that failed', async () => {
    const scene = toyScene(range(3, () => [face(200)]))
    scene.source.forEach(({ image }, i) => {
      for (let k = 0; k < image.data.length; k++) image.data[k] = (k * (i < 1 ? 7 : 13)) % 256
    })
    const { detect } = scene.parts.detector!
    let calls = 0
    const detector = {
      ...scene.parts.detector!,
      detect: async (image: ImageView) => {
        if (++calls === 2) throw new Error('the engine hiccups')
        return detect(image)
      },
    }
    const tracker = (await FaceAligner.create({ ...scene.parts, detector })).tracker({ smoothing: 'none' })
    const next = (i: number) => tracker.next(scene.source[i]!.image, i / 25)
    await next(0)
    await expect(next(1)).rejects.toThrow('hiccups')
    const told = (await next(2))!
    expect({ cut: told.cut, lost: told.lost, ids: ids(told) }).toEqual({ cut: true, lost: [1], ids: [2] })
  })

  it('forgets a picture that it refuses for its time', async () => {
    const { parts, source } = toyScene(range(3, () => [face(200)]))
    source.forEach(({ image }, i) => {
      for (let k = 0; k < image.data.length; k++) image.data[k] = (k * (i === 1 ? 13 : 7)) % 256
    })
    const tracker = (await FaceAligner.create(parts)).tracker({ smoothing: 'none' })
    await tracker.next(source[0]!.image, 1)
    await expect(tracker.next(source[1]!.image, 1)).rejects.toThrow(/for timestamp/)
    const next = (await tracker.next(source[2]!.image, 2))!
    expect({ cut: next.cut, lost: next.lost, ids: ids(next) }).toEqual({ cut: false, lost: [], ids: [1] })
  })

  it('looks less and less often for what stays away, and not at all harder than every frame', async () => {
    const { log } = await follow(
      range(30, (i) => [face(200), face(500, { hidden: i > 5 })]),
      {
        detectEvery: 100,
        grace: 10,
      },
    )
    // Frame 0; then 6 at once, 8, 12, 20.
    expect(log.detections).toBe(5)
  })

  it('follows no more faces than asked for', async () => {
    const { frames } = await follow(
      range(4, () => [face(200), face(500), face(800)]),
      { maxFaces: 2, detectEvery: 1 },
    )
    expect(frames.map(ids)).toEqual(range(4, () => [1, 2]))
  })

  it('keeps what is visible however slow the frames come', async () => {
    const { frames } = await follow(
      range(5, () => [face(200)]),
      { grace: 0 },
      ({ source }) => {
        source.forEach((frame, i) => {
          Object.assign(frame, { timestamp: 100 * i - 500 })
        })
      },
    )
    expect(frames.map(ids)).toEqual(range(5, () => [1]))
  })

  it('refuses time that does not grow, and a second picture before the first is done', async () => {
    const { parts, source } = toyScene([[face(200)], [face(200)]])
    const tracker = (await FaceAligner.create(parts)).tracker()
    const first = tracker.next(source[0]!.image, 1.5)
    await expect(tracker.next(source[1]!.image, 2)).rejects.toThrow(/last frame to be awaited/)
    await first
    for (const time of [1.5, 1, Number.NaN])
      await expect(tracker.next(source[1]!.image, time)).rejects.toThrow(
        `Expected seconds after the last frame's 1.5 for timestamp but received ${time}.`,
      )
    expect((await tracker.next(source[1]!.image, 1.6))!.index).toBe(1)
  })

  it('gives each face vertices of its own after a call that failed, and frees none of a caller whose call it refuses', async () => {
    const scene = toyScene(range(3, (i) => (i < 2 ? [face(200)] : [face(200), face(500)])))
    const options = { reuse: true, dense: true, detectEvery: 1, smoothing: 'none' } as const
    const tracker = (await FaceAligner.create(scene.parts)).tracker(options)
    const next = (i: number, time = i) => tracker.next(scene.source[i]!.image, time)
    const [first] = (await next(0))!.faces
    await expect(next(1, 0)).rejects.toThrow(/for timestamp/)
    const second = next(1)
    await expect(next(2)).rejects.toThrow(/last frame to be awaited/)
    expect((await second)!.faces[0]!.vertices).toBe(first!.vertices)
    const [a, b] = (await next(2))!.faces
    expect(a!.vertices).not.toBe(b!.vertices)
  })

  it('takes back an array once, also when the caller gives back what `next` does', async () => {
    const scene = toyScene(range(4, (i) => (i < 2 ? [face(200)] : [face(200), face(500)])))
    const options = { reuse: true, dense: true, detectEvery: 1, smoothing: 'none' } as const
    const tracker = (await FaceAligner.create(scene.parts)).tracker(options)
    for (const { image, timestamp } of scene.source) {
      const frame = (await tracker.next(image, timestamp))!
      const arrays = frame.faces.map(({ vertices }) => vertices)
      expect(new Set(arrays).size).toBe(arrays.length)
      tracker.release(frame)
    }
  })

  it('makes another array where one went to another thread', async () => {
    const scene = toyScene(range(4, () => [face(200)]))
    const tracker = (await FaceAligner.create(scene.parts)).tracker({ reuse: true, dense: true, smoothing: 'none' })
    for (const { image, timestamp } of scene.source) {
      const vertices = (await tracker.next(image, timestamp))!.faces[0]!.vertices!
      expect(vertices.some((value) => value !== 0)).toBe(true)
      structuredClone(vertices, { transfer: [vertices.buffer as ArrayBuffer] })
    }
  })

  it.each([
    [{ detectEvery: 0 }, /integer from 1 .* for detectEvery but received 0/],
    [{ grace: -1 }, /for grace/],
    [{ minConfidence: 2 }, /for minConfidence/],
    [{ maxFaces: 1.5 }, /for maxFaces/],
    [{ nNext: 16 }, /integer from 0 to 15 for nNext/],
    [{ smoothing: 'kalman' as 'none' }, /one of one-euro, look-ahead, none for smoothing/],
  ])('refuses %o', async (options, message) => {
    const aligner = await FaceAligner.create(toyScene([]).parts)
    expect(() => aligner.tracker(options)).toThrow(message)
  })

  it('says that tracking needs a detector', async () => {
    const { parts, source } = toyScene([[]])
    const { detector: _, ...rest } = parts
    const tracker = (await FaceAligner.create(rest)).tracker()
    await expect(tracker.next(source[0]!.image, 0)).rejects.toThrow(/a detector, which tracking needs/)
  })
})
