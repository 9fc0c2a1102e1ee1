import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FaceAligner } from '@3ddfa/core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../../../scripts/temporary-folder.mjs'
import { createConsole } from '../console.ts'
import { makeVideo } from './make-video.ts'
import { planVideo } from './plan-video.ts'
import { ffmpegNote, hasFfmpeg, runFfmpeg } from './testing.ts'

describe.skipIf(!hasFfmpeg)(`a tracker that fails${ffmpegNote}`, () => {
  const folder = temporaryFolder('make-video')
  const clip = join(folder, 'clip.mp4')
  const settings = { smoothing: 'none', style: '3ddfa', poseAs: 'box', background: 'video' } as const

  beforeAll(() => {
    const source = ['-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=30:duration=2', '-pix_fmt', 'yuv420p']
    runFfmpeg(folder, ...source, clip)
  })

  /** Programs and pipes that keep this process alive. */
  const held = () => process.getActiveResourcesInfo().filter((name) => /ProcessWrap|PipeWrap/.test(name)).length

  const engine = {
    model: { id: 'a model', shapeCount: 0, expressionCount: 0 },
    meshRegressor: { id: 'a network' },
    backend: { id: 'none' },
  }
  const fail = (): never => {
    throw new Error('no tracker')
  }

  it.each<[string, object]>([
    ['at once', { ...engine, track: fail }],
    [
      'at the first frame',
      {
        ...engine,
        track: async function* (source: AsyncIterable<unknown>) {
          for await (const _ of source) fail()
          yield
        },
      },
    ],
    ['before there is one', Object.defineProperty({ ...engine }, 'meshRegressor', { get: fail })],
  ])('%s leaves neither a running ffmpeg nor a file', async (_, aligner) => {
    const before = held()
    const plan = planVideo(clip, { outputs: ['sparse'], out: join(folder, 'out.mp4'), json: join(folder, 'out.jsonl') })
    const made = makeVideo(plan, aligner as FaceAligner, settings, createConsole({ quiet: true }))
    await expect(made).rejects.toThrow('no tracker')
    await vi.waitFor(() => expect(held()).toBe(before), 3000)
    expect(readdirSync(folder)).toEqual(['clip.mp4'])
  })

  it('was given what was asked for', async () => {
    let given: object | undefined
    const track = (_: unknown, options: object): never => {
      given = options
      return fail()
    }
    const plan = planVideo(clip, { outputs: ['sparse'], out: join(folder, 'out.mp4') })
    const asked = { ...settings, detectEvery: 7, poseConvention: '3ddfa-v2' } as const
    await expect(
      makeVideo(plan, { ...engine, track } as never as FaceAligner, asked, createConsole({ quiet: true })),
    ).rejects.toThrow('no tracker')
    expect(given).toMatchObject({ smoothing: 'none', detectEvery: 7, poseConvention: '3ddfa-v2' })
  })
})
