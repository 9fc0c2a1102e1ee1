import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaceAligner, ImageView, TrackedFrame } from '@3ddfa/core'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { planVideo } from './plan-video.ts'
import type { VideoInfo } from './probe.ts'
import { VideoOutputs } from './video-outputs.ts'

vi.mock('./video-file.ts', () => ({
  VideoFile: class {
    write(): void {}
    discard(): void {}
  },
}))

const folder = mkdtempSync(join(tmpdir(), '3ddfa-video-outputs-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => void vi.restoreAllMocks())

const info = { width: 4, height: 4, frameRate: 25 } as VideoInfo
const aligner = {
  model: { id: 'a model', shapeCount: 0, expressionCount: 0 },
  regressor: { id: 'a network' },
  backend: { id: 'none' },
} as FaceAligner
const settings = { smoothing: 'none', style: '3ddfa', poseAs: 'box', background: 'black' } as const

function frame(index: number): TrackedFrame {
  const image: ImageView = { data: new Uint8Array(48).fill(200), width: 4, height: 4, channels: 3 }
  return { index, timestamp: index / 25, image, faces: [], lost: [], cut: false }
}

it('is done with the faces of a frame before it waits for who reads the track', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const plan = planVideo('-', { outputs: ['sparse'], json: '-', out: join(folder, 'a.mp4') })
  const outputs = await VideoOutputs.open(plan, info, aligner, settings)
  write.mockReturnValue(false)
  const { image, ...rest } = frame(0)
  const written = outputs.write({ image, ...rest })
  // Its background is black: it is drawn.
  expect([...new Set(image.data)]).toEqual([0])
  process.stdout.emit('drain')
  await written
  outputs.discard()
})
