import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findProgram } from './find-program.mjs'

const sample = fileURLToPath(new URL('../packages/web-demo/public/sample.png', import.meta.url))
const CODECS = {
  '.mp4': ['-c:v', 'libx264', '-movflags', '+faststart'],
  '.webm': ['-c:v', 'libvpx', '-b:v', '2M'],
  '.y4m': [],
}

/** Why no video can be made here, or nothing. */
export const noFfmpeg = findProgram('ffmpeg') ? '' : ' (skipped: no ffmpeg on this machine)'

/** Writes a video, .mp4, .webm or .y4m, of 600 x 400 pixels and 40 frames, in which the two faces of our own sample move. */
export function writeMovingSample(path) {
  const moving = ['-vf', "scale=640:-2,crop=600:400:'n/2':'n/4',format=yuv420p", '-frames:v', '40', '-r', '25']
  const codec = CODECS[path.slice(path.lastIndexOf('.'))]
  execFileSync('ffmpeg', ['-v', 'error', '-loop', '1', '-i', sample, ...moving, ...codec, path])
}
