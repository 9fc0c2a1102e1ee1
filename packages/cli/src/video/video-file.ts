import type { ImageView } from '@3ddfa/core'
import { CliError } from '../errors.ts'
import { colorArgs } from './colors.ts'
import { type Container, containerOf } from './containers.ts'
import { FrameSink } from './frame-sink.ts'
import { PendingFile } from './pending-file.ts'
import { reason, type VideoInfo } from './probe.ts'
import { startTool, type Tool } from './tool.ts'
import { type Span, spanArgs, type VideoInput } from './video-input.ts'

/** Where the sound comes from. */
export interface Soundtrack {
  readonly input: VideoInput
  readonly span: Span
  /** Seconds after which it ends, where the pictures ended before their time. */
  readonly until: number | undefined
}

/**
 * The video that is made. Pictures are encoded as they come; the sound is joined to them afterwards, copied, because only then
 * is it known how long they last (Ctrl-C, a truncated file), and because damaged sound then costs no pictures.
 */
export class VideoFile {
  readonly #container: Container
  readonly #info: VideoInfo
  readonly #pictures: PendingFile
  readonly #whole: PendingFile
  readonly #sink: FrameSink
  /** Joins the sound. */
  #joiner: Tool | undefined
  #isDiscarded = false
  #first: number | undefined
  #hasSound = false

  /** @param replace as a `PendingFile`'s. */
  constructor(path: string, info: VideoInfo, replace: boolean) {
    this.#container = containerOf(path)
    this.#info = info
    this.#pictures = new PendingFile(path, replace)
    this.#whole = new PendingFile(path, replace)
    this.#sink = new FrameSink('ffmpeg', this.#encoderArgs(), info, path)
  }

  /** Done when the picture may be used again. */
  write(image: ImageView, time: number): Promise<void> {
    this.#first ??= time
    return this.#sink.write(image, time - this.#first)
  }

  /** Makes the file whole. @returns why it has no sound though it should have. */
  async finish(sound: Soundtrack | undefined): Promise<string | undefined> {
    await this.#sink.finish()
    const problem = sound && (await this.#addSound(sound))
    this.#hasSound = sound !== undefined && problem === undefined
    return problem
  }

  /** @throws {CliError} as a `PendingFile`'s. */
  check(): void {
    this.#whole.check()
  }

  /** Gives it its name, when it is finished. */
  commit(): void {
    if (this.#hasSound) this.#whole.commit()
    else this.#pictures.commit()
    this.discard()
  }

  /** Leaves nothing of what has no name yet. */
  discard(): void {
    this.#isDiscarded = true
    this.#sink.abort()
    this.#joiner?.child.kill('SIGKILL')
    this.#pictures.discard()
    this.#whole.discard()
  }

  #encoderArgs(): string[] {
    const { colors, timeBase } = this.#info
    // Most players want 4:2:0, which has even sizes only: an odd one gets a black line.
    const filters = `${colorArgs(colors).filter},pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p`
    const [num, den] = finest(timeBase)
    return [
      ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', '-f', 'matroska', '-i', 'pipe:0', '-vf', filters],
      ...this.#container.video,
      ...colorArgs(colors).tags,
      // The file's own ticks, so that its times come back as they were.
      ...['-fps_mode', 'passthrough', '-enc_time_base', `${num}:${den}`],
      ...this.#muxerArgs(this.#pictures),
    ]
  }

  /** Copies it where that can be done. */
  async #addSound(sound: Soundtrack): Promise<string | undefined> {
    const { audioCodecs, audioEncoder } = this.#container
    const canCopy = !audioCodecs || audioCodecs.includes(this.#info.audio?.codec ?? '')
    if (canCopy && (await this.#join(sound, 'copy')) === undefined) return undefined
    // Another track may be of a kind that cannot be copied.
    const problem = await this.#join(sound, audioEncoder)
    if (problem === undefined) return undefined
    const fault = await this.#tryAlone(sound, audioEncoder)
    if (fault === undefined) throw new CliError(`${this.#whole.path} cannot be made: ${problem}.`)
    return fault
  }

  #join(sound: Soundtrack, codec: string): Promise<string | undefined> {
    const pictures = ['-itsoffset', String(this.#first ?? 0), '-i', `file:${this.#pictures.temporary}`]
    const copied = ['-map', '0:v:0', '-c:v', 'copy']
    return this.#run([
      ...pictures,
      ...soundInput(sound),
      ...copied,
      ...soundOutput(sound, 1, codec),
      ...this.#muxerArgs(this.#whole),
    ])
  }

  /** Makes the sound for nobody: where that works, it is not the sound that is damaged. */
  #tryAlone(sound: Soundtrack, codec: string): Promise<string | undefined> {
    return this.#run([...soundInput(sound), ...soundOutput(sound, 0, codec), '-f', 'matroska', 'pipe:1'])
  }

  /** @returns why it failed. */
  async #run(args: readonly string[]): Promise<string | undefined> {
    if (this.#isDiscarded) return 'it was given up'
    const all = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', ...args]
    this.#joiner = startTool('ffmpeg', all, ['ignore', 'ignore', 'pipe'])
    return (await this.#joiner.ended) === 0 ? undefined : reason(this.#joiner.complaints())
  }

  #muxerArgs({ temporary }: PendingFile): string[] {
    const { muxer } = this.#container
    const [num, den] = finest(this.#info.timeBase)
    const mp4 = ['-movflags', '+faststart', ...(num === 1 ? ['-video_track_timescale', String(den)] : [])]
    return [...(muxer === 'mp4' || muxer === 'mov' ? mp4 : []), '-f', muxer, `file:${temporary}`]
  }
}

/** -vn: seek by the sound, not by the pictures' keyframes. */
function soundInput({ input, span }: Soundtrack): string[] {
  return ['-vn', ...spanArgs(span), ...input.args]
}

function soundOutput({ until }: Soundtrack, index: number, codec: string): string[] {
  return ['-map', `${index}:a?`, '-c:a', codec, ...(until === undefined ? [] : ['-t', String(until)])]
}

/** Ticks shorter than ours carry nothing. */
function finest([num, den]: readonly [number, number]): readonly [number, number] {
  return den / num > 1e6 ? [1, 1_000_000] : [num, den]
}
