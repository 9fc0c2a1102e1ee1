import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InputFrame } from '@3ddfa/core'
import { afterAll, describe, expect, it } from 'vitest'
import { probeVideo } from './probe.ts'
import { VideoDecoder } from './video-decoder.ts'
import { videoInput } from './video-input.ts'

const hasFfmpeg = ['ffmpeg', 'ffprobe'].every((tool) => spawnSync(tool, ['-version']).status === 0)

describe.skipIf(!hasFfmpeg)(`VideoDecoder${hasFfmpeg ? '' : ' (skipped: ffmpeg is not installed)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-video-decoder-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const ffmpeg = (...args: string[]): void => {
    execFileSync('ffmpeg', ['-loglevel', 'error', '-nostdin', '-y', ...args], { cwd: folder })
  }

  async function read(name: string, start = 0): Promise<InputFrame[]> {
    const input = videoInput(join(folder, name), undefined)
    const decoder = new VideoDecoder(input, await probeVideo(input), { start, end: undefined })
    const frames: InputFrame[] = []
    for await (const frame of decoder.frames()) frames.push(frame)
    return frames
  }

  it.each(['ts', 'mkv'])('counts time from where the sound of a .%s begins, not its later pictures', async (ending) => {
    const picture = ['-itsoffset', '0.5', '-f', 'lavfi', '-i', 'testsrc=size=64x36:rate=20:duration=1']
    ffmpeg(...picture, '-f', 'lavfi', '-i', 'sine=d=2', '-c:v', 'mpeg4', '-c:a', 'mp2', `late.${ending}`)
    const times = (await read(`late.${ending}`)).map(({ timestamp }) => timestamp)
    expect(times).toHaveLength(20)
    expect(times[0]).toBeCloseTo(0.5, 1)
    expect(times[19]).toBeCloseTo(1.45, 1)
  })
})
