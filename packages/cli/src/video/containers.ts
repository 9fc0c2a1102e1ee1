import { extname } from 'node:path'
import { CliError, EXIT } from '../errors.ts'

/** How a kind of video file is made. */
export interface Container {
  /** ffmpeg's name of it. */
  readonly muxer: string
  readonly video: readonly string[]
  /** Sound that it takes as it is; undefined: all of it. */
  readonly audioCodecs: readonly string[] | undefined
  /** What other sound is turned into. */
  readonly audioEncoder: string
}

// At -crf 18 what x264 loses is not seen; veryfast keeps up with the network on two cores, where medium would be the slowest stage.
const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18']
const VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '6', '-row-mt', '1', '-b:v', '0', '-crf', '24']
const MOV_AUDIO = ['aac', 'mp3', 'ac3', 'eac3', 'alac']

const MP4: Container = { muxer: 'mp4', video: H264, audioCodecs: [...MOV_AUDIO, 'opus', 'flac'], audioEncoder: 'aac' }

/** Kinds of files by the ending of the name, without its dot. */
export const CONTAINERS: Readonly<Record<string, Container>> = {
  mp4: MP4,
  m4v: MP4,
  mov: { ...MP4, muxer: 'mov', audioCodecs: MOV_AUDIO },
  mkv: { muxer: 'matroska', video: H264, audioCodecs: undefined, audioEncoder: 'aac' },
  webm: { muxer: 'webm', video: VP9, audioCodecs: ['opus', 'vorbis'], audioEncoder: 'libopus' },
}

/** By the ending of the name. @throws {CliError} for another one. */
export function containerOf(path: string): Container {
  const container = CONTAINERS[extname(path).slice(1).toLowerCase()]
  if (container) return container
  const endings = Object.keys(CONTAINERS).map((ending) => `.${ending}`)
  throw new CliError(`Expected ${endings.join(', ')} at the end of --out but received ${path}.`, EXIT.usage)
}
