import { CliError } from '../errors.ts'
import { INDEX_AT_END, isWithoutIndex, reason, type VideoInfo } from './probe.ts'
import type { VideoDecoder } from './video-decoder.ts'
import type { Span, VideoInput } from './video-input.ts'

/** What came of a video. */
export interface Reading {
  readonly frames: number
  /** Seconds after which the last frame ends. */
  readonly end: number
}

/** A video whose tail is this much shorter than promised ended early: more than a frame or two, seconds. */
const TAIL = 0.25

/**
 * Tells what was wrong with a video that was read to its end.
 * @returns whether its pictures end before their time.
 * @throws {CliError} when there are none.
 */
export function checkEnd(
  input: VideoInput,
  span: Span,
  info: VideoInfo,
  decoder: Pick<VideoDecoder, 'complaints' | 'hasFailed' | 'mendedTimes'>,
  { frames, end }: Reading,
  warn: (line: string) => void,
): boolean {
  const { name } = input
  const complaints = decoder.complaints()
  if (frames === 0) throw new CliError(nothingRead(input, span.start, info.duration, complaints))
  if (decoder.mendedTimes > 0)
    warn(`${name}: ${decoder.mendedTimes} frames have no time or one that does not grow; it was mended.`)
  const wanted = Math.min(span.end ?? Infinity, info.duration ?? Infinity) - span.start
  const lacksFrames = span.start === 0 && span.end === undefined && frames < (info.frames ?? 0)
  // Where nothing tells of a break, the last picture or the sound just lasts longer.
  const isBroken = decoder.hasFailed || (wanted < Infinity && (complaints.length > 0 || lacksFrames))
  const isShort = isBroken && end < wanted - TAIL
  const read = `${frames} frames could be read, ${end.toFixed(2)}${wanted < Infinity ? ` of ${wanted.toFixed(2)}` : ''} s`
  const why = complaints.length > 0 || !lacksFrames ? reason(complaints) : `it announces ${info.frames} frames`
  if (isShort) warn(`${name} ends early (${why}): ${read}.`)
  else if (complaints.length > 0) warn(`${name} is damaged (${why}): ${read}.`)
  return isShort
}

function nothingRead(
  { name, kind }: VideoInput,
  start: number,
  duration: number | undefined,
  complaints: readonly string[],
): string {
  if (kind === 'pipe' && isWithoutIndex(complaints)) return INDEX_AT_END
  if (complaints.length > 0) return `No frame of ${name} can be read: ${reason(complaints)}.`
  const length = duration === undefined ? '' : `; it lasts ${duration.toFixed(2)} s`
  return start > 0 ? `${name} has no frame from ${start} s on${length}.` : `${name} has no frames.`
}
