import type { Readable } from 'node:stream'
import { CliError } from '../errors.ts'
import { startTool } from './tool.ts'
import { MAX_FRAME_PIXELS, type VideoInput } from './video-input.ts'

/** What is known of a video before its first frame. */
export interface VideoInfo {
  /** Pixels of the upright picture with square pixels. */
  readonly width: number
  readonly height: number
  /** Frames a second on average; 25 where the file does not say. */
  readonly frameRate: number
  /** Ticks a second in which the file counts time, as a fraction. */
  readonly timeBase: readonly [number, number]
  /** Seconds of the pictures, or where the file does not tell of them, of all; undefined for what has no end, or does not tell. */
  readonly duration: number | undefined
  /** Pictures that the file says it has. */
  readonly frames: number | undefined
  /** The first sound track; nothing of it could be read where a file breaks off before its sound begins. */
  readonly audio: { readonly codec: string | undefined; readonly isReadable: boolean } | undefined
  /** The file's colour tags, where it has them, in ffmpeg's words. */
  readonly colors: Colors
}

export interface Colors {
  readonly space?: string | undefined
  readonly primaries?: string | undefined
  readonly transfer?: string | undefined
}

const ENTRIES = [
  'stream=codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,r_frame_rate,time_base,duration,nb_frames,sample_rate,color_space,color_primaries,color_transfer',
  'stream_tags=DURATION',
  'stream_side_data=rotation',
  'stream_disposition=attached_pic',
  'format=duration',
].join(':')

/** Names of pictures; of them only animated ones are read. */
const PICTURES = /\.(jpe?g|png|tiff?|avif)$/i

/** ffprobe's answer is a few hundred bytes a stream. */
const MAX_ANSWER = 1 << 20

/**
 * Asks ffprobe.
 * @param stdin where the input is stdin: gives it to ffprobe.
 * @throws {CliError} one sentence, when it is no video.
 */
export async function probeVideo(input: VideoInput, feed?: (stdin: NodeJS.WritableStream) => void): Promise<VideoInfo> {
  const args = ['-hide_banner', '-loglevel', 'error', '-of', 'json', '-show_entries', ENTRIES, ...input.args]
  const tool = startTool('ffprobe', args, [feed ? 'pipe' : 'ignore', 'pipe', 'pipe'])
  if (tool.child.stdin) feed?.(tool.child.stdin)
  const answer = readAll(tool.child.stdout!)
  answer.catch(() => {})
  const code = await tool.ended
  if (code !== 0 && input.kind === 'file' && PICTURES.test(input.name))
    throw new CliError(`${input.name} is a picture, not a video; \`3ddfa align\` takes pictures.`)
  if (code !== 0 && input.kind === 'pipe' && isWithoutIndex(tool.complaints())) throw new CliError(INDEX_AT_END)
  const isRefused = tool.complaints().some((line) => line.includes('not on whitelist'))
  const why = isRefused
    ? 'it is of a kind that is not opened; make an .mp4 or .mkv of it with ffmpeg'
    : reason(tool.complaints())
  if (code !== 0) throw new CliError(`${input.name} is not a readable video: ${why}.`)
  return infoFrom(input.name, JSON.parse(await answer))
}

/** Why a pipe gives no picture of an MP4 whose index is at its end: ffmpeg would have to go back to the pictures. */
export const INDEX_AT_END =
  "This MP4 cannot be read from a pipe, since its index is at its end; give the file itself, or make it with ffmpeg's -movflags +faststart."

/** Whether ffmpeg complains as it does when it cannot go to an MP4's index, or back from there. */
export function isWithoutIndex(complaints: readonly string[]): boolean {
  return complaints.some((line) => /moov atom not found|partial file/.test(line))
}

async function readAll(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_ANSWER) throw new CliError('ffprobe says more than a video has to tell.')
  }
  return text
}

/** ffmpeg's first complaint, which is the cause of the others, without the name of the file in front. */
export function reason(complaints: readonly string[]): string {
  const first = complaints[0] ?? 'ffmpeg does not say why'
  return first.replace(/^(file|pipe):.*: /, '').replace(/\.$/, '')
}

interface Answer {
  readonly streams?: readonly Stream[]
  readonly format?: { readonly duration?: string }
}

interface Stream {
  readonly codec_type?: string
  readonly codec_name?: string
  readonly width?: number
  readonly height?: number
  readonly sample_aspect_ratio?: string
  readonly avg_frame_rate?: string
  readonly r_frame_rate?: string
  readonly time_base?: string
  readonly duration?: string
  readonly nb_frames?: string
  readonly sample_rate?: string
  /** Matroska tells the duration here, as 00:01:23.400000000. */
  readonly tags?: { readonly DURATION?: string }
  readonly color_space?: string
  readonly color_primaries?: string
  readonly color_transfer?: string
  readonly side_data_list?: readonly { readonly rotation?: number | string }[]
  readonly disposition?: { readonly attached_pic?: number }
}

/** @throws {CliError} when there is no video in it, or one of an impossible size. */
export function infoFrom(name: string, { streams = [], format }: Answer): VideoInfo {
  // A cover picture counts as video too, for ffprobe.
  const video = streams.find((s) => s.codec_type === 'video' && !s.disposition?.attached_pic)
  if (!video) throw new CliError(`${name} has no video stream.`)
  const sound = streams.find((s) => s.codec_type === 'audio')
  const { width, height } = uprightSize(video)
  if (!(width * height > 0 && width * height <= MAX_FRAME_PIXELS))
    throw new CliError(`${name} has frames of ${width} x ${height} pixels; expected 1 to ${MAX_FRAME_PIXELS} in all.`)
  return {
    width,
    height,
    frameRate: frameRate(video),
    timeBase: fraction(video.time_base) ?? [1, 90_000],
    duration: positive(video.duration) ?? clockSeconds(video.tags?.DURATION) ?? positive(format?.duration),
    frames: positive(video.nb_frames),
    audio: sound && { codec: sound.codec_name, isReadable: sound.sample_rate !== '0' },
    colors: { space: video.color_space, primaries: video.color_primaries, transfer: video.color_transfer },
  }
}

function uprightSize(video: Stream): { width: number; height: number } {
  const [num, den] = fraction(video.sample_aspect_ratio?.replace(':', '/')) ?? [1, 1]
  const width = Math.round((video.width ?? 0) * (num / den))
  const height = video.height ?? 0
  const rotation = video.side_data_list?.map((data) => Number(data.rotation)).find(Number.isFinite) ?? 0
  return Math.round(Math.abs(rotation) / 90) % 2 === 1 ? { width: height, height: width } : { width, height }
}

function frameRate({ avg_frame_rate, r_frame_rate }: Stream): number {
  const rates = [avg_frame_rate, r_frame_rate].map(fraction).flatMap((f) => (f ? [f[0] / f[1]] : []))
  return rates.find((rate) => rate >= 0.01 && rate <= 1000) ?? 25
}

/** `25/1`; undefined for what is no positive number. */
function fraction(text: string | undefined): [number, number] | undefined {
  const [num, den] = text?.split('/').map(Number) ?? []
  return num! > 0 && den! > 0 && Number.isSafeInteger(num) && Number.isSafeInteger(den) ? [num!, den!] : undefined
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text)
  return value > 0 && Number.isFinite(value) ? value : undefined
}

function clockSeconds(text: string | undefined): number | undefined {
  const [, h, m, s] = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text ?? '') ?? []
  return s === undefined ? undefined : positive(String(3600 * Number(h) + 60 * Number(m) + Number(s)))
}
