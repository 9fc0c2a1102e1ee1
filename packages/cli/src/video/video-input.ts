import type { Readable } from 'node:stream'
import { CliError, EXIT } from '../errors.ts'
import { statOrMissingSync } from '../files.ts'
import { openNamedPipe } from '../named-pipe.ts'

/** Containers that ffmpeg may open for a file that a stranger made: none of them can name other files. */
const FORMATS = [
  ...['mov', 'matroska', 'avi', 'mpegts', 'mpeg', 'mpegvideo', 'flv', 'live_flv', 'ogg', 'asf', 'nut', 'mxf', 'ivf'],
  ...[
    'h264',
    'hevc',
    'm4v',
    'obu',
    'av1',
    'vc1',
    'dv',
    'rm',
    'wtv',
    'gif',
    'apng',
    'mjpeg',
    'yuv4mpegpipe',
    'webp_pipe',
  ],
]

/** Pixels of a frame above which ffmpeg refuses a video: 8K has 33 million. */
export const MAX_FRAME_PIXELS = 40_000_000

/** What a video is read from. */
export interface VideoInput {
  readonly kind: 'file' | 'pipe' | 'device'
  /** As the user gave it. */
  readonly name: string
  /** ffmpeg's arguments up to and with the input, without `-ss` and `-to`. */
  readonly args: readonly string[]
}

/**
 * Says how ffmpeg opens an argument: `-` is stdin, an existing file or pipe is one whatever its name looks like, and with a
 * format (v4l2, x11grab, lavfi...) everything else is a device.
 * @throws {CliError} when it is none of these.
 */
export function videoInput(name: string, format: string | undefined): VideoInput {
  const forced = format === undefined ? [] : ['-f', format]
  const bounds = ['-max_pixels', String(MAX_FRAME_PIXELS)]
  const pipe: VideoInput = { kind: 'pipe', name, args: [...bounds, ...guard(format), ...forced, '-i', 'pipe:0'] }
  if (isStdin(name)) return pipe
  const file = statOrMissingSync(name)
  if (file?.isDirectory()) throw new CliError(`${name} is a folder, not a video.`, EXIT.usage)
  if (file?.isFIFO()) return pipe
  if (file?.isFile())
    return { kind: 'file', name, args: [...bounds, ...guard(format), ...forced, '-i', `file:${name}`] }
  if (format !== undefined) return { kind: 'device', name, args: [...bounds, ...forced, '-i', name] }
  const [problem, hint] = file
    ? [`${name} is neither a file nor a pipe`, 'stdin is -, and a camera']
    : [`There is no file ${name}`, 'a camera']
  throw new CliError(
    `${problem}; ${hint} is opened with --input-format, for example: 3ddfa video /dev/video0 --input-format v4l2 --display`,
    EXIT.usage,
  )
}

/** A video that is read several times. @throws {CliError} when it is no file. */
export function videoFile(name: string): VideoInput {
  const input = videoInput(name, undefined)
  if (input.kind === 'file') return input
  throw new CliError(`${name} is a pipe; expected a file, since it is read several times.`, EXIT.usage)
}

/** What a pipe gives. */
export function openPipe({ name }: VideoInput): Readable {
  if (isStdin(name)) return process.stdin
  return openNamedPipe(name)
}

/** By its other name it could be opened only where it is a pipe. */
function isStdin(name: string): boolean {
  return name === '-' || name === '/dev/stdin'
}

/** A file neither names others nor opens the network. Who gives a format has chosen it. */
function guard(format: string | undefined): string[] {
  const protocols = ['-protocol_whitelist', 'file,pipe']
  return format === undefined ? [...protocols, '-format_whitelist', FORMATS.join(',')] : protocols
}

/** The part of it that is asked for, seconds. */
export interface Span {
  readonly start: number
  readonly end: number | undefined
}

/** ffmpeg's arguments for a part of the input; they stand before its own. */
export function spanArgs({ start, end }: Span): string[] {
  const part = [...(start > 0 ? ['-ss', String(start)] : []), ...(end === undefined ? [] : ['-to', String(end)])]
  // Of MPEG streams ffmpeg takes the start of what is read for time 0, the pictures' or the sound's, unless there is an offset: 1 us.
  return ['-itsoffset', '0.000001', ...part]
}
