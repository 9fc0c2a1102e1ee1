import { type FaceAligner, isDenseDrawing, type TrackedFrame } from '@3ddfa/core'
import type { Console } from '../console.ts'
import { CliError } from '../errors.ts'
import { Interrupt } from '../interrupt.ts'
import { checkEnd, type Reading } from './check-end.ts'
import { describePace, Pace } from './pace.ts'
import type { VideoPlan } from './plan-video.ts'
import { probeVideo, type VideoInfo } from './probe.ts'
import { ReplayedPipe } from './replayed-pipe.ts'
import { VideoDecoder } from './video-decoder.ts'
import { openPipe } from './video-input.ts'
import { type OutputSettings, VideoOutputs } from './video-outputs.ts'

/** What came of a video. */
export interface VideoResult {
  readonly frames: number
  /** Different faces. */
  readonly faces: number
  /** Seconds that it took, models not counted. */
  readonly seconds: number
  /** Exit code of an interrupt; undefined when there was none. */
  readonly interrupted: number | undefined
}

/**
 * Reads a video, follows its faces and makes everything that `plan` asks for: all of it or, after an error, nothing. A file
 * that breaks off gives what can be read.
 * @throws {CliError} one sentence, when not a single frame could be read or an output could not be made.
 */
export async function makeVideo(
  plan: VideoPlan,
  aligner: FaceAligner,
  settings: OutputSettings,
  console: Console,
): Promise<VideoResult> {
  const pipe = plan.input.kind === 'pipe' ? new ReplayedPipe(openPipe(plan.input)) : undefined
  const info = await probeVideo(plan.input, pipe && ((target) => pipe.feedHead(target))).catch((error) => {
    pipe?.close()
    throw error
  })
  const decoder = new VideoDecoder(plan.input, info, plan.span, pipe && ((target) => pipe.feedAll(target)))
  const interrupt = new Interrupt(() => decoder.stop())
  let outputs: VideoOutputs | undefined
  const discard = (): void => outputs?.discard()
  process.once('exit', discard)
  try {
    outputs = await VideoOutputs.open(plan, info, aligner, settings)
    const run = await followAll(plan, info, decoder, aligner, settings, outputs, console)
    const isStopped = interrupt.exitCode !== undefined || outputs.isClosed
    if (isStopped && run.frames === 0) throw new CliError('Interrupted before the first frame.')
    const isCut = isStopped || checkEnd(plan.input, plan.span, info, decoder, run, console.warn)
    const sound = soundOf(plan, info, console)
    const problem = await outputs.commit(sound && { ...sound, until: isCut ? run.end : undefined })
    if (problem !== undefined) console.warn(`${plan.out} has no sound: ${problem}.`)
    return { ...run, interrupted: interrupt.exitCode }
  } finally {
    decoder.stop()
    pipe?.close()
    discard()
    process.off('exit', discard)
    interrupt.release()
  }
}

interface Run extends Reading {
  readonly faces: number
  readonly seconds: number
}

async function followAll(
  plan: VideoPlan,
  info: VideoInfo,
  decoder: VideoDecoder,
  aligner: FaceAligner,
  { smoothing, detectEvery, anyRoll, poseConvention }: OutputSettings,
  outputs: VideoOutputs,
  console: Console,
): Promise<Run> {
  const start = performance.now()
  const progress = await progressOf(plan, info, console)
  const ids = new Set<number>()
  let frames = 0
  let end = 0
  // One frame is written while the next one is made.
  let writing: Promise<void> = Promise.resolve()
  const dense = plan.drawings.some(isDenseDrawing)
  try {
    const options = { smoothing, detectEvery, anyRoll, poseConvention, dense, reuse: true, queue: 2 }
    for await (const frame of aligner.track(decoder.frames(), options)) {
      await writing
      writing = outputs.write(frame).then(() => decoder.release(frame.image))
      writing.catch(() => {})
      for (const { id } of frame.faces) ids.add(id)
      frames++
      end = frame.timestamp + 1 / info.frameRate
      progress.update(frames, frame)
      if (outputs.isClosed) decoder.stop()
    }
    await writing
  } finally {
    progress.stop()
  }
  return { frames, faces: ids.size, seconds: (performance.now() - start) / 1000, end }
}

async function progressOf(
  { span }: VideoPlan,
  { duration }: VideoInfo,
  console: Console,
): Promise<{ update(frames: number, frame: TrackedFrame): void; stop(): void }> {
  const whole = Math.min(span.end ?? Infinity, duration ?? Infinity) - span.start
  const length = whole > 0 && whole < Infinity ? Math.round(whole * 10) / 10 : undefined
  const bar = await console.progress(length ?? 0, 's')
  const pace = new Pace()
  return {
    update(frames, { timestamp }) {
      pace.mark(performance.now(), frames, timestamp)
      const label = describePace(pace, frames, length)
      if (length === undefined) bar.update(round(timestamp), label, round(timestamp))
      else bar.update(Math.min(length, round(timestamp)), label)
    },
    stop: () => bar.stop(),
  }
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10

/** Where the sound comes from, if there is any and a video that it can go to. */
function soundOf({ input, span, out }: VideoPlan, { audio }: VideoInfo, console: Console) {
  if (out === undefined || audio === undefined) return undefined
  if (input.kind === 'file' && audio.isReadable) return { input, span }
  const problem = audio.isReadable
    ? 'it could be read a second time from a file only'
    : `none can be read from ${input.name}`
  console.warn(`${out} has no sound: ${problem}.`)
  return undefined
}
