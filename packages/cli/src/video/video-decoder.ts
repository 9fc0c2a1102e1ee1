import type { Readable } from 'node:stream'
import type { ImageView, InputFrame } from '@3ddfa/core'
import { FramePool } from './frame-pool.ts'
import { GrowingTimes, readTimes, timeFilter } from './frame-times.ts'
import type { VideoInfo } from './probe.ts'
import { startTool, type Tool } from './tool.ts'
import { type Span, spanArgs, type VideoInput } from './video-input.ts'

/**
 * ffmpeg as a reader of frames: upright RGB pictures of one size, each with its time in seconds from the start of what is
 * read. Every frame of the file comes once, whatever its rate does (`-fps_mode passthrough`): faces are found in what was
 * filmed, not in repeated frames. Times come from the filter graph itself on a pipe of their own, so they belong to just these
 * frames, and work for pipes and cameras, where ffprobe's list of packets would need a second reading and still count packets
 * that an edit list hides.
 */
export class VideoDecoder {
  readonly #tool: Tool
  readonly #pool: FramePool
  readonly #times: GrowingTimes
  /** Whether ffmpeg has ended otherwise than with the video, and not by `stop`. */
  hasFailed = false

  constructor(input: VideoInput, info: VideoInfo, span: Span, feed?: (stdin: NodeJS.WritableStream) => void) {
    const { seek, filter } = spanOf(input, span)
    const filters = `${filter}${fitInto(info)},${timeFilter(3)}`
    const args = [
      ...['-nostdin', '-hide_banner', '-loglevel', 'error', ...seek, ...input.args],
      // V: no cover pictures.
      ...['-map', '0:V:0', '-vf', filters, '-fps_mode', 'passthrough', '-enc_time_base', '1:1000000'],
      ...['-f', 'rawvideo', 'pipe:1'],
    ]
    this.#tool = startTool('ffmpeg', args, [feed ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'])
    if (this.#tool.child.stdin) feed?.(this.#tool.child.stdin)
    this.#pool = new FramePool(info)
    this.#times = new GrowingTimes(info)
  }

  /** The frames, once. Each picture is the reader's until it gives it back. */
  async *frames(): AsyncGenerator<InputFrame, void> {
    const times = readTimes(this.#tool.child.stdio[3] as Readable)
    try {
      for await (const image of this.#pictures()) {
        const time = await times.next()
        yield { image, timestamp: this.#times.next(time.value ?? undefined) }
      }
      this.hasFailed = (await this.#tool.ended) !== 0 && !this.#tool.child.killed
    } finally {
      this.stop()
    }
  }

  /** Takes a picture's memory back. */
  release(image: ImageView): void {
    this.#pool.give(image)
  }

  /** Ends reading: `frames` is done after the frame that it is at. */
  stop(): void {
    this.#tool.child.kill('SIGKILL')
  }

  /** What ffmpeg found wrong with the file. */
  complaints(): readonly string[] {
    return this.#tool.complaints()
  }

  /** Frames whose time had to be mended to grow. */
  get mendedTimes(): number {
    return this.#times.mended
  }

  async *#pictures(): AsyncGenerator<ImageView, void> {
    let image = this.#pool.take()
    let filled = 0
    for await (const chunk of this.#tool.child.stdout! as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; ) {
        const count = Math.min(chunk.length - at, image.data.length - filled)
        image.data.set(chunk.subarray(at, at + count), filled)
        at += count
        filled += count
        if (filled < image.data.length) continue
        yield image
        image = this.#pool.take()
        filled = 0
      }
    }
  }
}

/** A file is sought in. What can be read only once is read from its start: ffmpeg would seek to wherever its index happens to end. */
function spanOf({ kind }: VideoInput, { start, end }: Span): { seek: string[]; filter: string } {
  if (kind === 'file' || start === 0) return { seek: spanArgs({ start, end }), filter: '' }
  return { seek: spanArgs({ start: 0, end }), filter: `settb=AVTB,trim=start=${start},setpts=PTS-${start}/TB,` }
}

/** Upright RGB pictures with square pixels. Where the shape changes midway, they get black bars rather than being stretched. */
function fitInto({ width, height }: VideoInfo): string {
  // Rounded up, so that pictures of the shape of the first one fill all of it.
  const scale = `scale='min(${width},ceil(${height}*dar))':'min(${height},ceil(${width}/dar))'`
  return `${scale},format=rgb24,pad=${width}:${height}:-1:-1,setsar=1`
}
