import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InputFrame } from '@3ddfa/core'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../scripts/temporary-folder.mjs'
import { probeVideo } from './probe.ts'
import { ffmpegNote, hasFfmpeg, runFfmpeg } from './testing.ts'
import { VideoDecoder } from './video-decoder.ts'
import { videoInput } from './video-input.ts'

describe.skipIf(!hasFfmpeg)(`VideoDecoder${ffmpegNote}`, () => {
  const folder = temporaryFolder('video-decoder')
  const ffmpeg = (...args: string[]) => runFfmpeg(folder, ...args)

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

  it('gives pictures of another shape black bars, and fills the picture with those of the first one', async () => {
    for (const [i, size] of ['128x72', '40x72'].entries())
      ffmpeg('-f', 'lavfi', '-i', `color=white:size=${size}:rate=5:duration=0.4`, '-c:v', 'mpeg2video', `${i}.mpg`)
    writeFileSync(join(folder, 'both.mpg'), Buffer.concat([0, 1].map((i) => readFileSync(join(folder, `${i}.mpg`)))))
    const frames = await read('both.mpg')
    const widths = frames.map(({ image: { data } }) => data.filter((v, i) => i < 3 * 128 && v > 128).length / 3)
    expect(new Set(frames.map(({ image }) => `${image.width}x${image.height}`))).toEqual(new Set(['128x72']))
    expect([widths[0], widths.at(-1)]).toEqual([128, 40])
  })

  it.each([
    ['53x71', '4/3'],
    ['71x53', '64/45'],
    ['53x71', '8/9'],
  ])('fills the picture with pixels that are not square (%s, %s)', async (size, sar) => {
    ffmpeg('-f', 'lavfi', '-i', `color=white:size=${size}:rate=5:duration=0.2,setsar=${sar}`, '-c:v', 'ffv1', 'sar.mkv')
    const [{ image }] = (await read('sar.mkv')) as [InputFrame]
    expect(image.data.every((v) => v > 128)).toBe(true)
  })
})
