import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../../../scripts/temporary-folder.mjs'
import { ffmpegNote, hasFfmpeg } from '../video/testing.ts'
import { checkVideo } from './video.ts'

afterEach(() => vi.unstubAllEnvs())

/** Lines as `doctor` prints them. */
async function lines(): Promise<string[]> {
  const found = []
  for await (const { name, ok, needed, detail } of checkVideo()) {
    expect(needed).toBe(false)
    found.push(`${ok ? 'ok' : 'no'} ${name}: ${detail}`)
  }
  return found
}

it.skipIf(!hasFfmpeg)(`tells versions, and tries each encoder${ffmpegNote}`, async () => {
  const found = await lines()
  expect(found.map((line) => line.split(':')[0]?.slice(3))).toEqual([
    ...['ffmpeg', 'ffprobe', 'libx264', 'aac', 'libvpx-vp9', 'libopus', 'ffplay'],
  ])
  expect(found[0]).toMatch(/^ok ffmpeg: \S+$/)
  for (const line of found.slice(2, 6)) expect(line).toMatch(/^(ok \S+: encoded|no \S+: .*; it is for \.)/)
})

const why = process.platform === 'win32' ? ' (skipped: programs here are shell scripts)' : ''
describe.skipIf(why !== '')(`where something is missing${why}`, () => {
  const folder = temporaryFolder('doctor')
  /** A PATH of programs that are these scripts. */
  const only = (name: string, programs: Record<string, string>) => {
    const path = join(folder, name)
    mkdirSync(path)
    for (const [program, script] of Object.entries(programs)) {
      writeFileSync(join(path, program), `#!/bin/sh\n${script}\n`)
      chmodSync(join(path, program), 0o755)
    }
    vi.stubEnv('PATH', path)
  }
  const FOR = '`video`, `eval stability` and `bench video`, which need ffmpeg 5.1 or newer'

  it('says what each program is for', async () => {
    only('empty', {})
    expect(await lines()).toEqual([
      `no ffmpeg: not on the PATH; it is for ${FOR}`,
      `no ffprobe: not on the PATH; it is for ${FOR}`,
      'no ffplay: not on the PATH; it is for `video --display`',
    ])
  })

  it('says what is too old, and takes a version that is no number', async () => {
    only('old', {
      ffmpeg: 'echo "ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright"',
      ffprobe: 'echo "ffprobe version N-109542-g6b6b6b6"',
      ffplay: 'echo "ffplay version n6.0"',
    })
    expect(await lines()).toEqual([
      `no ffmpeg: 4.4.2-0ubuntu0.22.04.1 is too old; it is for ${FOR}`,
      'ok ffprobe: N-109542-g6b6b6b6',
      'ok ffplay: n6.0',
    ])
  })

  it('says which files an encoder is for', async () => {
    const ffmpeg = [
      'case "$*" in',
      '*-version*) echo "ffmpeg version 7.1";;',
      '*libx264*|*libopus*) echo "[vost#0:0 @ 0x55] Unknown encoder" >&2; echo "Error opening output" >&2; exit 8;;',
      'esac',
    ]
    only('poor', { ffmpeg: ffmpeg.join('\n'), ffprobe: 'echo "ffprobe version 7.1"', ffplay: 'exit 1' })
    expect(await lines()).toEqual([
      'ok ffmpeg: 7.1',
      'ok ffprobe: 7.1',
      'no libx264: Unknown encoder; it is for .mp4, .m4v, .mov, .mkv',
      'ok aac: encoded sound',
      'ok libvpx-vp9: encoded a picture',
      'no libopus: Unknown encoder; it is for .webm',
      'no ffplay: ended with 1; it is for `video --display`',
    ])
  })
})
