import type { FaceAligner, Smoothing } from '@3ddfa/core'
import { centredMean, jitter, lag, stillFrames } from '@3ddfa/core/evaluation'
import type { Console } from '../console.ts'
import { checkEnd, type Reading } from '../video/check-end.ts'
import { probeVideo } from '../video/probe.ts'
import { VideoDecoder } from '../video/video-decoder.ts'
import { videoFile } from '../video/video-input.ts'

/** The unsmoothed first: the others are measured against it. */
const SMOOTHINGS: readonly Smoothing[] = ['none', 'one-euro', 'look-ahead']
/** Face sizes a second below which a face counts as still. */
const STILL = 0.25
/** Faces that were seen without a break for fewer frames say nothing. */
const LEAST_FRAMES = 20

/** How steady a face's landmarks are. */
export interface FaceStability {
  /** Of the track. */
  readonly face: number
  readonly smoothing: Smoothing
  /** Longest run of frames without a break. */
  readonly frames: number
  /** Of them those in which the face hardly moves. */
  readonly still: number
  /** Mean acceleration in still frames, percent of the face size a frame squared; NaN without any. */
  readonly jitter: number
  /** Part of the unsmoothed jitter that is gone, [0, 1]. */
  readonly calmer: number
  /** Frames by which the landmarks trail those without smoothing. */
  readonly lag: number
}

export interface StabilityReport {
  readonly schema: '3ddfa.stability'
  readonly version: 1
  readonly conditions: Readonly<Record<string, unknown>>
  readonly frames: number
  /** Frames a second. */
  readonly frameRate: number
  /** Different ids with the number of frames of each: more of them than faces are changes of identity. */
  readonly ids: Readonly<Record<string, number>>
  readonly faces: readonly FaceStability[]
}

/** Landmarks by id and frame. */
type Tracks = Map<number, Map<number, Float32Array>>

/** Follows a video once with each smoothing. @throws {CliError} when it cannot be read. */
export async function measureStability(
  path: string,
  aligner: FaceAligner,
  conditions: StabilityReport['conditions'],
  console: Console,
): Promise<StabilityReport> {
  const input = videoFile(path)
  const info = await probeVideo(input)
  const span = { start: 0, end: undefined }
  const runs: (Reading & { readonly tracks: Tracks })[] = []
  // Most of it is said of every run.
  const warnings = new Set<string>()
  for (const smoothing of SMOOTHINGS) {
    const decoder = new VideoDecoder(input, info, span)
    const run = await follow(aligner, decoder, smoothing, info.frameRate)
    checkEnd(input, span, info, decoder, run, (line) => warnings.add(line))
    runs.push(run)
  }
  for (const line of warnings) console.warn(line)
  const raw = runs[0]!
  const ids = [...raw.tracks.keys()].sort((a, b) => a - b)
  const faces = ids.flatMap((face) => {
    const [start, length] = longestRun(raw.tracks.get(face)!)
    if (length < LEAST_FRAMES) return []
    return compare(
      face,
      runs.map(({ tracks }) => framesOf(tracks.get(face), start, length)),
      info.frameRate,
    )
  })
  const counts = Object.fromEntries(ids.map((id) => [id, raw.tracks.get(id)!.size]))
  const { frameRate } = info
  return { schema: '3ddfa.stability', version: 1, conditions, frames: raw.frames, frameRate, ids: counts, faces }
}

async function follow(
  aligner: FaceAligner,
  decoder: VideoDecoder,
  smoothing: Smoothing,
  frameRate: number,
): Promise<Reading & { tracks: Tracks }> {
  const tracks: Tracks = new Map()
  let [frames, end] = [0, 0]
  for await (const { index, timestamp, faces, image } of aligner.track(decoder.frames(), { smoothing })) {
    frames++
    end = timestamp + 1 / frameRate
    for (const { id, landmarks } of faces) {
      if (!tracks.has(id)) tracks.set(id, new Map())
      tracks.get(id)!.set(index, landmarks)
    }
    decoder.release(image)
  }
  return { tracks, frames, end }
}

/** First frame and length of the longest run of consecutive frames. */
function longestRun(frames: ReadonlyMap<number, unknown>): [number, number] {
  let best: [number, number] = [0, 0]
  let [start, before] = [0, Number.NEGATIVE_INFINITY]
  for (const index of [...frames.keys()].sort((a, b) => a - b)) {
    if (index !== before + 1) start = index
    if (index - start + 1 > best[1]) best = [start, index - start + 1]
    before = index
  }
  return best
}

/** A smoothing may see a face a frame less: then there is nothing to compare. */
function framesOf(
  track: Map<number, Float32Array> | undefined,
  start: number,
  length: number,
): Float32Array[] | undefined {
  const frames = Array.from({ length }, (_, i) => track?.get(start + i))
  return frames.every((frame) => frame !== undefined) ? (frames as Float32Array[]) : undefined
}

function compare(face: number, runs: readonly (Float32Array[] | undefined)[], fps: number): FaceStability[] {
  const raw = runs[0]!
  const still = stillFrames(raw, fps, STILL)
  const before = still.length > 0 ? jitter(raw, still) : Number.NaN
  const truth = centredMean(raw, 1)
  return runs.flatMap((frames, i): FaceStability[] => {
    if (!frames) return []
    const after = still.length > 0 ? jitter(frames, still) : Number.NaN
    const common = { face, smoothing: SMOOTHINGS[i]!, frames: frames.length, still: still.length }
    return [{ ...common, jitter: after, calmer: 1 - after / before, lag: lag(frames, truth) }]
  })
}
