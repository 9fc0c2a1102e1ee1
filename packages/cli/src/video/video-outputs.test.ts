import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaceAligner, ImageView, TrackedFrame } from '@3ddfa/core'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { planVideo } from './plan-video.ts'
import type { VideoInfo } from './probe.ts'
import { VideoOutputs } from './video-outputs.ts'

const named = vi.hoisted(() => vi.fn())
vi.mock('./video-file.ts', () => ({
  VideoFile: class {
    write(): void {}
    finish(): void {}
    commit = named
    discard(): void {}
  },
}))
vi.mock('./face-textures.ts', () => ({
  FaceTextures: class {
    add(): void {}
    encode(): void {}
  },
}))
vi.mock('@3ddfa/core/gltf', () => ({
  FaceAnimation: class {
    add(): void {}
    write(): void {
      throw new Error('no heads')
    }
  },
}))

const folder = mkdtempSync(join(tmpdir(), '3ddfa-video-outputs-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => void vi.restoreAllMocks())

const info = { width: 4, height: 4, frameRate: 25 } as VideoInfo
const aligner = {
  model: { id: 'a model', shapeCount: 0, expressionCount: 0 },
  meshRegressor: { id: 'a network' },
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

it('gives no file its name when one of them cannot be made', async () => {
  const [out, json, glb] = ['a.mp4', 'a.jsonl', 'a.glb'].map((name) => join(folder, name))
  const outputs = await VideoOutputs.open(planVideo('-', { out, json, glb }), info, aligner, settings)
  expect(readdirSync(folder)).toHaveLength(2)
  await outputs.write(frame(0))
  await expect(outputs.commit(undefined)).rejects.toThrow('no heads')
  expect(named).not.toHaveBeenCalled()
  outputs.discard()
  expect(readdirSync(folder)).toEqual([])
})
