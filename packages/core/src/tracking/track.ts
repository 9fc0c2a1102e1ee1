import { expect, expectFunction } from '../errors.ts'
import type { FaceAligner } from '../face-aligner.ts'
import type { TrackerOptions } from './options.ts'
import { prefetch } from './prefetch.ts'
import { type AbortSignalLike, type FrameSource, SourceReader } from './source.ts'
import type { InputFrame, TrackedFrame } from './tracked-frame.ts'
import { VideoTracker } from './video-tracker.ts'

export interface TrackOptions<T = InputFrame> extends TrackerOptions {
  /** Stops the iteration: it throws the signal's reason, and the source is closed. */
  readonly signal?: AbortSignalLike | undefined
  /**
   * Frames that may wait before the network and behind it, each, while the reader is busy; 0 to 64. 1 unless given. At most
   * `2 * queue + 1 + latency` pictures are borrowed from the source at the same time, the reader's own among them.
   */
  readonly queue?: number | undefined
  /**
   * Turns an item of the source into a picture with its time. Called once an item, in order, at once; frees the item if that
   * is needed. Not needed when the items are `InputFrame`s.
   */
  readonly toFrame?: ((item: T) => InputFrame | Promise<InputFrame>) | undefined
}

/** See `FaceAligner.track`. */
export function track<T>(
  aligner: FaceAligner,
  source: FrameSource<T>,
  options: TrackOptions<T> = {},
): AsyncGenerator<TrackedFrame, void> {
  const { queue = 1, toFrame, signal } = options
  expect(Number.isInteger(queue) && queue >= 0 && queue <= 64, 'queue', 'an integer from 0 to 64', queue)
  expectFunction(toFrame, 'toFrame')
  const isSignal = signal === undefined || typeof signal?.addEventListener === 'function'
  expect(isSignal, 'signal', 'an AbortSignal', signal)
  const tracker = new VideoTracker(aligner, options)
  return run(tracker, source, queue, toFrame ?? ((item) => item as InputFrame), signal)
}

/** Three stages, each of which runs ahead of the next by at most `queue` frames: read, observe, complete. */
async function* run<T>(
  tracker: VideoTracker,
  source: FrameSource<T>,
  queue: number,
  toFrame: (item: T) => InputFrame | Promise<InputFrame>,
  signal: AbortSignalLike | undefined,
): AsyncGenerator<TrackedFrame, void> {
  const reader = new SourceReader(source, signal)
  const observed = prefetch(observe(tracker, prefetch(convert(reader, toFrame), queue)), queue)
  const frames = complete(tracker, observed)
  const close = async (): Promise<void> => {
    try {
      // First the source: a stage may wait for it, and would not hear of the end before its frame has come.
      await reader.return()
    } finally {
      await frames.return()
    }
  }
  try {
    for (let item = await frames.next(); !item.done; item = await frames.next()) {
      if (signal?.aborted) throw signal.reason
      yield item.value
      tracker.release(item.value)
    }
    if (signal?.aborted) throw signal.reason
  } catch (error) {
    // What went wrong, not what a source says about being closed for it: as in `for await`.
    await close().catch(() => {})
    throw error
  } finally {
    await close()
  }
}

async function* convert<T>(
  reader: SourceReader<T>,
  toFrame: (item: T) => InputFrame | Promise<InputFrame>,
): AsyncGenerator<InputFrame, void> {
  for (let item = await reader.next(); !item.done; item = await reader.next()) {
    const made = await reader.untilClosed(() => toFrame(item.value as T))
    if (!made) return
    const frame = made.value
    expect(
      typeof frame === 'object' && frame !== null,
      'a frame',
      'a picture with its time, { image, timestamp },',
      frame,
    )
    yield frame
  }
}

async function* observe(
  tracker: VideoTracker,
  frames: AsyncGenerator<InputFrame, void>,
): AsyncGenerator<TrackedFrame, void> {
  try {
    for await (const { image, timestamp } of frames) yield await tracker.observe(image, timestamp)
  } finally {
    await frames.return()
  }
}

/** What was read before an error is still handed out. */
async function* complete(
  tracker: VideoTracker,
  frames: AsyncGenerator<TrackedFrame, void>,
): AsyncGenerator<TrackedFrame, void> {
  try {
    for await (const frame of frames) {
      const ready = tracker.complete(frame)
      if (ready) yield ready
    }
  } catch (error) {
    yield* tracker.finish()
    throw error
  }
  yield* tracker.finish()
}
