import { execFileSync, spawn } from 'node:child_process'
import type { InputFrame } from '@3ddfa/core'

/** A video file as ffmpeg sees it. Frames come at a constant rate. */
export interface Video {
  readonly width: number
  readonly height: number
  /** Frames a second. */
  readonly fps: number
  readonly frames: () => AsyncGenerator<InputFrame, void>
}

export function hasFfmpeg(): boolean {
  try {
    for (const tool of ['ffmpeg', 'ffprobe']) execFileSync(tool, ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export function openVideo(path: string): Video {
  const show = ['-select_streams', 'v:0', '-show_entries', 'stream=width,height,avg_frame_rate', '-of', 'json']
  const probe = execFileSync('ffprobe', ['-v', 'error', ...show, path], { encoding: 'utf8' })
  const { width, height, avg_frame_rate: rate } = JSON.parse(probe).streams[0]
  const [numerator, denominator] = String(rate).split('/').map(Number)
  const fps = numerator! / denominator!
  return { width, height, fps, frames: () => readFrames(path, width, height, fps) }
}

async function* readFrames(path: string, width: number, height: number, fps: number): AsyncGenerator<InputFrame, void> {
  const size = width * height * 3
  const ffmpeg = spawn('ffmpeg', ['-v', 'quiet', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    let [data, filled, index] = [new Uint8Array(size), 0, 0]
    for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>)
      for (let at = 0; at < chunk.length; ) {
        const count = Math.min(size - filled, chunk.length - at)
        data.set(chunk.subarray(at, at + count), filled)
        at += count
        filled += count
        if (filled < size) continue
        yield { image: { data, width, height, channels: 3 }, timestamp: index++ / fps }
        data = new Uint8Array(size)
        filled = 0
      }
  } finally {
    ffmpeg.kill()
  }
}
