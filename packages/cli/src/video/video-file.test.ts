import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../scripts/temporary-folder.mjs'
import { probeVideo } from './probe.ts'
import { ffmpegNote, hasFfmpeg, runFfmpeg } from './testing.ts'
import { VideoFile } from './video-file.ts'
import { videoInput } from './video-input.ts'

describe.skipIf(!hasFfmpeg)(`VideoFile${ffmpegNote}`, () => {
  const folder = temporaryFolder('video-file')
  const ffmpeg = (...args: string[]) => runFfmpeg(folder, ...args)

  function soundOf(name: string): string[] {
    const args = ['-loglevel', 'error', '-select_streams', 'a', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0']
    return execFileSync('ffprobe', [...args, name], { cwd: folder, encoding: 'utf8' })
      .trim()
      .split('\n')
  }

  it('gives up joining the sound when it is discarded', async () => {
    ffmpeg('-f', 'lavfi', '-i', 'testsrc=size=64x36:rate=10:duration=0.5', 'silent.mkv')
    const probed = await probeVideo(videoInput(join(folder, 'silent.mkv'), undefined))
    const file = new VideoFile(join(folder, 'given up.mp4'), probed, true)
    await file.write({ data: new Uint8Array(3 * 64 * 36), width: 64, height: 36, channels: 3 }, 0)
    // Sound without an end.
    const input = videoInput('anullsrc', 'lavfi')
    const finishing = file.finish({ input, span: { start: 0, end: undefined }, until: undefined })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    file.discard()
    await finishing
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it.each([
    ['flac.mkv', ['flac'], 'mov', ['aac']],
    ['two.mkv', ['aac', 'adpcm_ms'], 'mp4', ['aac', 'aac']],
    ['two.mkv', ['aac', 'adpcm_ms'], 'mkv', ['aac', 'adpcm_ms']],
  ])('sound of %s (%j) gets into a .%s as %j', async (name, given, ending, made) => {
    const picture = ['-f', 'lavfi', '-i', 'testsrc=size=64x36:rate=10:duration=0.5']
    const codecs = given.flatMap((codec, i) => ['-map', '1', `-c:a:${i}`, codec])
    ffmpeg(
      ...picture,
      '-f',
      'lavfi',
      '-i',
      'sine=d=0.5',
      '-map',
      '0',
      ...codecs,
      '-c:v',
      'mpeg4',
      '-strict',
      '-2',
      name,
    )
    const input = videoInput(join(folder, name), undefined)
    const info = await probeVideo(input)
    const file = new VideoFile(join(folder, `out.${ending}`), info, true)
    const { width, height } = info
    for (let i = 0; i < 5; i++)
      await file.write({ data: new Uint8Array(3 * width * height), width, height, channels: 3 }, i / 10)
    expect(await file.finish({ input, span: { start: 0, end: undefined }, until: undefined })).toBeUndefined()
    file.commit()
    expect(soundOf(`out.${ending}`)).toEqual(made)
  })
})
