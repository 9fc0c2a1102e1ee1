import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { FaceAligner } from '../face-aligner.ts'
import { createImage, type ImageView } from '../image.ts'
import type { ParamRegressor } from '../regressor.ts'
import type { FrameSource, ReadableStreamLike } from './source.ts'
import { toyScene } from './toy-scene.ts'
import type { InputFrame, TrackedFrame } from './tracked-frame.ts'

const scene = (count: number): ReturnType<typeof toyScene> =>
  toyScene(Array.from({ length: count }, (_, i) => [{ x: 200 + i, y: 150, size: 100 }]))

/** A source that says how far it was read and whether it was closed. */
function watched(frames: InputFrame[]): {
  source: AsyncIterable<InputFrame>
  state: { read: number; closed: boolean }
} {
  const state = { read: 0, closed: false }
  async function* read(): AsyncGenerator<InputFrame, void> {
    try {
      for (const frame of frames) {
        state.read++
        yield frame
      }
    } finally {
      state.closed = true
    }
  }
  return { source: read(), state }
}

async function collect(frames: AsyncIterable<TrackedFrame>): Promise<number[]> {
  const indices: number[] = []
  for await (const frame of frames) indices.push(frame.index)
  return indices
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

describe('track', () => {
  it.each(['none', 'one-euro', 'look-ahead'] as const)(
    'gives every frame once and in order (%s)',
    async (smoothing) => {
      const { parts, source } = scene(12)
      const aligner = await FaceAligner.create(parts)
      for (const queue of [0, 1, 5]) {
        const frames: TrackedFrame[] = []
        for await (const frame of aligner.track(source, { smoothing, queue })) frames.push(frame)
        expect(frames.map((f) => f.index)).toEqual(source.map((_, i) => i))
        expect(frames.map((f) => f.timestamp)).toEqual(source.map((f) => f.timestamp))
        expect(frames.map((f) => f.image)).toEqual(source.map((f) => f.image))
        expect(frames.every((f) => f.faces.length === 1 && f.faces[0]!.id === 1)).toBe(true)
      }
    },
  )

  it('reads a Web stream, and anything else with toFrame', async () => {
    const { parts, source } = scene(5)
    const aligner = await FaceAligner.create(parts)
    let at = 0
    const stream: ReadableStreamLike<number> = {
      getReader: () => ({
        read: async () => (at < 5 ? { done: false, value: at++ } : { done: true, value: undefined }),
        cancel: async () => {},
      }),
    }
    expect(await collect(aligner.track(stream, { toFrame: async (i) => source[i]! }))).toEqual([0, 1, 2, 3, 4])
    // Without iteration, as in some browsers. A lock that stays would keep others from it.
    const real = new ReadableStream<InputFrame>({
      start(controller) {
        for (const frame of source) controller.enqueue(frame)
        controller.close()
      },
    })
    const { getReader } = real
    expect(
      await collect(aligner.track({ getReader: () => getReader.call(real) } as typeof stream as never)),
    ).toHaveLength(5)
    expect(real.locked).toBe(false)
    expect(() => aligner.track(5 as unknown as InputFrame[])).not.toThrow()
    await expect(collect(aligner.track(5 as unknown as InputFrame[]))).rejects.toThrow(/for source but received 5/)
  })

  it('takes the items of a stream of the DOM without iteration, as older TypeScript has it, for what they are', () => {
    interface DomStream<R> {
      getReader(options: { mode: 'byob' }): { read(view: DataView): Promise<{ done: boolean; value: DataView }> }
      getReader(): { read(): Promise<{ done: boolean; value?: R }> }
      getReader(options?: { mode?: 'byob' }): unknown
      pipeTo(destination: { getWriter(): { write(chunk?: R): Promise<void> } }): Promise<void>
    }
    const itemOf = <T>(_: FrameSource<T>): T | undefined => undefined
    expectTypeOf(itemOf({} as DomStream<InputFrame>)).toEqualTypeOf<InputFrame | undefined>()
    expectTypeOf(itemOf({} as AsyncIterable<string>)).toEqualTypeOf<string | undefined>()
  })

  it.each([
    ['none', 0, 1],
    ['none', 1, 3],
    ['look-ahead', 1, 4],
    ['look-ahead', 3, 8],
  ] as const)('runs ahead of a slow reader only so far (%s, queue %i: %i pictures)', async (smoothing, queue, most) => {
    const { parts, source } = scene(30)
    const { source: frames, state } = watched(source)
    let taken = 0
    for await (const { index } of (await FaceAligner.create(parts)).track(frames, { smoothing, queue })) {
      await settle()
      taken = index
      expect(state.read - taken).toBeLessThanOrEqual(most)
      if (taken === 5) expect(state.read - taken).toBe(most)
    }
    expect(taken).toBe(29)
  })

  it('works on the next frame while the reader has this one', async () => {
    const { parts, source, log } = scene(10)
    const frames = (await FaceAligner.create(parts)).track(source)
    await frames.next()
    await settle()
    expect(log.batches.length).toBeGreaterThan(2)
    await frames.return()
  })

  it('closes the source when the reader stops early', async () => {
    const { parts, source } = scene(30)
    const { source: frames, state } = watched(source)
    for await (const { index } of (await FaceAligner.create(parts)).track(frames)) if (index === 3) break
    expect(state).toMatchObject({ closed: true })
    expect(state.read).toBeLessThan(10)
  })

  it.each(['break', 'abort'])('leaves what was read ahead to itself when it stops (%s)', async (how) => {
    const { parts, source, log } = scene(60)
    const { regress } = parts.regressor as ParamRegressor
    const slow = async (crops: readonly ImageView[]) => {
      await settle()
      return regress(crops)
    }
    const aligner = await FaceAligner.create({ ...parts, regressor: { ...parts.regressor, regress: slow } } as never)
    const [controller, reason] = [new AbortController(), new Error('enough')]
    let before = Infinity
    const run = async (): Promise<void> => {
      for await (const _ of aligner.track(source, { queue: 40, signal: controller.signal })) {
        before = log.batches.length
        if (how === 'break') break
        controller.abort(reason)
      }
    }
    await expect(run().catch((error) => error)).resolves.toBe(how === 'break' ? undefined : reason)
    // Two looks a frame at most: that which is under way, and none of those that wait.
    expect(log.batches.length - before).toBeLessThanOrEqual(4)
  })

  it.each([undefined, null, 'a path', 5])('says that a frame is none: %s', async (item) => {
    const aligner = await FaceAligner.create(scene(1).parts)
    const toFrame = () => item as unknown as InputFrame
    await expect(collect(aligner.track([1, 2], { toFrame }))).rejects.toThrow('a picture with its time')
    await expect(collect(aligner.track([item] as never))).rejects.toThrow('a picture with its time')
  })

  it('throws what went wrong, not what the source says about being closed for it', async () => {
    const { parts, source } = scene(5)
    const broken = new Error('the detector broke')
    const detect = () => Promise.reject(broken)
    const aligner = await FaceAligner.create({ ...parts, detector: { ...parts.detector!, detect } })
    const frames = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: source[0]! }),
        return: () => Promise.reject(new Error('the source fails to close')),
      }),
    }
    await expect(collect(aligner.track(frames))).rejects.toBe(broken)
  })

  it('of anything but frames needs to know how they become such', () => {
    const check = (aligner: FaceAligner): void => {
      aligner.track([{ image: createImage(2, 2), timestamp: 0 }])
      aligner.track(['a.png'], { toFrame: () => ({ image: createImage(2, 2), timestamp: 0 }) })
      // @ts-expect-error
      aligner.track(['a.png'], { queue: 0 })
    }
    expectTypeOf(check).toBeFunction()
  })

  it('stops early on a source that waits for ever', async () => {
    const { parts, source } = scene(3)
    const state = { cancelled: false }
    let at = 0
    const stream: ReadableStreamLike<InputFrame> = {
      getReader: () => ({
        read: () => (at < 3 ? Promise.resolve({ done: false, value: source[at++]! }) : new Promise(() => {})),
        cancel: async () => {
          state.cancelled = true
        },
      }),
    }
    for await (const { index } of (await FaceAligner.create(parts)).track(stream)) if (index === 2) break
    expect(state.cancelled).toBe(true)
  })

  it.each(['break', 'abort'])('stops early while toFrame waits for ever (%s)', async (how) => {
    const { parts, source } = scene(9)
    const { source: frames, state } = watched(source)
    const [controller, reason] = [new AbortController(), new Error('enough')]
    const toFrame = (frame: InputFrame): InputFrame | Promise<InputFrame> =>
      frame === source[4] ? new Promise(() => {}) : frame
    const run = async (): Promise<void> => {
      const options = { signal: controller.signal, toFrame }
      for await (const { index } of (await FaceAligner.create(parts)).track(frames, options))
        if (index === 2) {
          await settle()
          if (how === 'break') break
          controller.abort(reason)
        }
    }
    await expect(run().catch((error) => error)).resolves.toBe(how === 'break' ? undefined : reason)
    expect(state.closed).toBe(true)
  })

  it('throws the reason of the signal, before, during and while it waits, and closes the source', async () => {
    const { parts, source } = scene(30)
    const aligner = await FaceAligner.create(parts)
    const reason = new Error('enough')
    const before = watched(source)
    await expect(collect(aligner.track(before.source, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    expect(before.state.read).toBe(0)

    const during = watched(source)
    const controller = new AbortController()
    const seen: number[] = []
    const run = async (): Promise<void> => {
      for await (const { index } of aligner.track(during.source, { signal: controller.signal })) {
        seen.push(index)
        if (index === 4) controller.abort(reason)
      }
    }
    await expect(run()).rejects.toBe(reason)
    expect(seen).toEqual([0, 1, 2, 3, 4])
    expect(during.state.closed).toBe(true)

    const waiting = new AbortController()
    async function* stuck(): AsyncGenerator<InputFrame, void> {
      yield source[0]!
      await new Promise(() => {})
    }
    setTimeout(() => waiting.abort(reason), 20)
    await expect(collect(aligner.track(stuck(), { signal: waiting.signal }))).rejects.toBe(reason)

    const unclosable: AsyncIterator<InputFrame> = {
      next: () => new Promise(() => {}),
      return: () => {
        throw new Error('no')
      },
    }
    const frames = { [Symbol.asyncIterator]: () => unclosable }
    const late = new AbortController()
    setTimeout(() => late.abort(reason), 20)
    await expect(collect(aligner.track(frames, { signal: late.signal }))).rejects.toBe(reason)
  })

  it('hands out what was read before a source, a converter or the network failed, then throws that', async () => {
    const { parts, source } = scene(8)
    const aligner = await FaceAligner.create(parts)
    const read = async (frames: AsyncIterable<TrackedFrame>): Promise<[number[], unknown]> => {
      const seen: number[] = []
      try {
        for await (const { index } of frames) seen.push(index)
      } catch (error) {
        return [seen, error]
      }
      return [seen, undefined]
    }
    const broken = new Error('the file ends here')
    async function* cut(): AsyncGenerator<InputFrame, void> {
      yield* source.slice(0, 4)
      throw broken
    }
    expect(await read(aligner.track(cut(), { smoothing: 'look-ahead' }))).toEqual([[0, 1, 2, 3], broken])

    const { source: frames, state } = watched(source)
    const toFrame = (frame: InputFrame): InputFrame => {
      if (frame === source[2]) throw broken
      return frame
    }
    expect(await read(aligner.track(frames, { toFrame }))).toEqual([[0, 1], broken])
    expect(state.closed).toBe(true)

    const again = watched(source.map((frame, i) => (i === 5 ? { ...frame, timestamp: 0 } : frame)))
    const [seen, error] = await read(aligner.track(again.source))
    expect(seen).toEqual([0, 1, 2, 3, 4])
    expect(String(error)).toMatch(/after the last frame's 0.16 for timestamp/)
    expect(again.state.closed).toBe(true)
  })

  it('uses few arrays of vertices again and again when asked to', async () => {
    const { parts, source } = scene(40)
    const aligner = await FaceAligner.create(parts)
    for (const smoothing of ['none', 'one-euro', 'look-ahead'] as const) {
      const arrays = new Set<Float32Array>()
      for await (const { faces } of aligner.track(source, { smoothing, dense: true, reuse: true }))
        arrays.add(faces[0]!.vertices!)
      expect(arrays.size).toBeLessThanOrEqual(4)
    }
    const fresh = new Set<Float32Array>()
    for await (const { faces } of aligner.track(source, { dense: true })) fresh.add(faces[0]!.vertices!)
    expect(fresh.size).toBe(40)
  })

  it('lets go of every picture that was handed out', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const { parts } = toyScene([[{ x: 200, y: 150, size: 100 }]])
    const aligner = await FaceAligner.create({ ...parts, detector: { ...parts.detector!, detect: async () => [] } })
    const pictures: WeakRef<object>[] = []
    async function* read(): AsyncGenerator<InputFrame, void> {
      for (let i = 0; i < 60; i++) {
        const image = { data: new Uint8Array(300), width: 10, height: 10, channels: 3 as const }
        pictures.push(new WeakRef(image))
        yield { image, timestamp: i }
      }
    }
    let alive = 0
    const { signal } = new AbortController()
    for await (const { index } of aligner.track(read(), { smoothing: 'look-ahead', signal })) {
      await settle()
      if (index !== 50) continue
      collectGarbage()
      alive = pictures.filter((picture) => picture.deref()).length
    }
    expect(alive).toBeLessThanOrEqual(6)
  })

  it('refuses a queue out of range and use after dispose', async () => {
    const aligner = await FaceAligner.create(scene(1).parts)
    expect(() => aligner.track([], { queue: -1 })).toThrow(/integer from 0 to 64 for queue/)
    await aligner.dispose()
    expect(() => aligner.track([])).toThrow(/disposed/)
    expect(() => aligner.tracker()).toThrow(/disposed/)
  })
})
