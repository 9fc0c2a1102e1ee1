import {
  FaceAligner as Aligner,
  type FaceAligner,
  type InputFrame,
  type Smoothing,
  type TrackedFrame,
  type TrackerOptions,
} from '@3ddfa/core'
import { quantile } from '@3ddfa/core/evaluation'
import { painter } from '../../packages/cli/src/bench/painter.ts'
import { follow } from '../../packages/cli/src/bench/video-stages.ts'
import type { Video } from './tracking-video.ts'

export interface Speed {
  readonly name: string
  /** Median of the passes, a frame. */
  readonly milliseconds: number
}

const PASSES = 15

/** Everything but detector and network: what they said in a first pass is replayed. Sparse. */
export async function measureOverhead(aligner: FaceAligner, video: Video): Promise<Speed[]> {
  const frames = await decode(video)
  const speeds: Speed[] = []
  for (const smoothing of ['none', 'one-euro', 'look-ahead'] as Smoothing[]) {
    const { replay, rewind } = await recorded(aligner)
    speeds.push(await time(`without networks, ${smoothing}`, replay, frames, { smoothing }, rewind))
  }
  return speeds
}

/** With everything but the video's decoding, one thread. */
export async function measureSpeed(aligner: FaceAligner, video: Video): Promise<Speed[]> {
  const frames = await decode(video)
  return [
    await time('sparse, one-euro', aligner, frames, {}),
    await time('dense, one-euro', aligner, frames, { dense: true, reuse: true }),
    await time('dense, look-ahead', aligner, frames, { smoothing: 'look-ahead', dense: true, reuse: true }),
    await time(
      'dense, one-euro, shaded picture',
      aligner,
      frames,
      { dense: true, reuse: true },
      undefined,
      shader(aligner),
    ),
  ]
}

/** Draws a frame's lit meshes. */
export function shader(aligner: FaceAligner): (frame: TrackedFrame) => unknown {
  const paint = painter(aligner)
  return ({ image, faces }) => paint(image, faces)
}

async function decode(video: Video): Promise<InputFrame[]> {
  const frames: InputFrame[] = []
  for await (const frame of video.frames()) frames.push(frame)
  return frames
}

async function time(
  name: string,
  aligner: FaceAligner,
  frames: readonly InputFrame[],
  options: TrackerOptions,
  rewind: () => void = () => {},
  show?: (frame: TrackedFrame) => unknown,
): Promise<Speed> {
  const passes: number[] = []
  for (let pass = 0; pass < PASSES + 3; pass++) {
    rewind()
    const start = performance.now()
    await follow(aligner, frames, options, show)
    // The first passes record and warm up.
    if (pass >= 3) passes.push((performance.now() - start) / frames.length)
  }
  return { name, milliseconds: quantile(passes, 0.5) }
}

/** An aligner that asks the engines in its first pass over a video and repeats their answers after each `rewind`. */
export async function recorded(aligner: FaceAligner): Promise<{ replay: FaceAligner; rewind: () => void }> {
  const answers: unknown[] = []
  let at = 0
  const once = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (at === answers.length) answers.push(await ask())
    return answers[at++] as T
  }
  const replay = await Aligner.create({
    model: aligner.model,
    backend: aligner.backend,
    regressor: { ...named(aligner.regressor), regress: (crops) => once(() => aligner.regressor.regress(crops)) },
    detector: { ...named(aligner.detector!), detect: (image) => once(() => aligner.detector!.detect(image)) },
  })
  return {
    replay,
    rewind: () => {
      at = 0
    },
  }
}

function named<T extends { id: string }>(part: T): T & { dispose(): Promise<void> } {
  const { inputSize } = part as unknown as { inputSize?: number }
  return { id: part.id, ...(inputSize && { inputSize }), dispose: async () => {} } as unknown as T & {
    dispose(): Promise<void>
  }
}
