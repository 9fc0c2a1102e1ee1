import { statSync } from 'node:fs'
import { CliError, EXIT } from '../errors.ts'

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
  readonly kind: 'file' | 'stdin' | 'device'
  /** As the user gave it. */
  readonly name: string
  /** ffmpeg's arguments up to and with the input, without `-ss` and `-to`. */
  readonly args: readonly string[]
}

/**
 * Says how ffmpeg opens an argument: `-` is stdin, an existing file is a file whatever its name looks like, and with a
 * format (v4l2, x11grab, lavfi...) everything else is a device.
 * @throws {CliError} when there is no such file.
 */
export function videoInput(name: string, format: string | undefined): VideoInput {
  const forced = format === undefined ? [] : ['-f', format]
  const bounds = ['-max_pixels', String(MAX_FRAME_PIXELS)]
  if (name === '-') return { kind: 'stdin', name, args: [...bounds, ...guard(format), ...forced, '-i', 'pipe:0'] }
  const file = statSync(name, { throwIfNoEntry: false })
  if (file?.isDirectory()) throw new CliError(`${name} is a folder, not a video.`, EXIT.usage)
  if (file && (file.isFile() || format === undefined))
    return { kind: 'file', name, args: [...bounds, ...guard(format), ...forced, '-i', `file:${name}`] }
  if (format !== undefined) return { kind: 'device', name, args: [...bounds, ...forced, '-i', name] }
  throw new CliError(
    `There is no file ${name}; a camera is opened with --input-format, for example: 3ddfa video /dev/video0 --input-format v4l2 --display`,
    EXIT.usage,
  )
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
