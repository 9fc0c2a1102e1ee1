// Memory over 10,000 frames of a video in a loop, dense and shaded: pnpm --filter @3ddfa/benchmarks tracking-memory VIDEO
import { setTimeout } from 'node:timers/promises'
import type { InputFrame } from '@3ddfa/core'
import { openAligner } from './compose.ts'
import { typedPath } from './data.ts'
import { shader } from './tracking-speed.ts'
import { openVideo } from './tracking-video.ts'

const FRAMES = 10_000
const EVERY = 1000

const [path] = process.argv.slice(2)
if (!path) {
  console.error('Expected the path of a video: pnpm --filter @3ddfa/benchmarks tracking-memory VIDEO')
  process.exit(2)
}
const aligner = await openAligner({ threads: 1 })
const video: InputFrame[] = []
for await (const frame of (await openVideo(typedPath(path))).frames()) video.push(frame)

function* loop(): Generator<InputFrame> {
  for (let i = 0; i < FRAMES; i++) yield { image: video[i % video.length]!.image, timestamp: i / 25 }
}

const show = shader(aligner)
const started = performance.now()
let faces = 0
for await (const frame of aligner.track(loop(), { dense: true, reuse: true })) {
  faces += frame.faces.length
  show(frame)
  if ((frame.index + 1) % EVERY > 0) continue
  await setTimeout(0)
  console.log(`${frame.index + 1} frames, ${faces} faces: ${Math.round(process.memoryUsage.rss() / 1e6)} MB`)
}
console.log(`${(FRAMES / ((performance.now() - started) / 1000)).toFixed(0)} frames a second`)
await aligner.dispose()
