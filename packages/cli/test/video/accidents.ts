import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { describe, expect, it } from 'vitest'
import { main, type Outcome, outcomeOf, run } from '../command.ts'
import { couple, obama, type Studio } from './studio.ts'

/** What happens to ffmpeg, and inputs that are no plain files. */
export function testAccidents(studio: Studio): void {
  describe('an accident of ffmpeg', () => {
    /** `3ddfa` with an ffmpeg that does `instead` where its arguments have `part` in them. "$ffmpeg" is the true one. */
    async function withAccident(part: string, instead: string, args: readonly string[]): Promise<Outcome> {
      const ffmpeg = spawnSync('which', ['ffmpeg'], { encoding: 'utf8' }).stdout.trim()
      mkdirSync(studio.at('bin'), { recursive: true })
      const script = `#!/bin/sh\nffmpeg=${ffmpeg}\ncase "$*" in *"${part}"*) ${instead};; *) exec $ffmpeg "$@";; esac\n`
      writeFileSync(studio.at('bin/ffmpeg'), script)
      chmodSync(studio.at('bin/ffmpeg'), 0o755)
      const PATH = `${studio.at('bin')}${delimiter}${process.env['PATH']}`
      return run(['video', ...args], { env: { ...studio.env, PATH }, cwd: studio.folder })
    }

    it('a decoder that is killed ends the video early, and its sound', async () => {
      const some = '"$ffmpeg" "$@" | head -c 60000000; kill -9 $$'
      const { code, stderr } = await withAccident('rawvideo', some, [obama, '--out', 'killed.mp4'])
      expect(code).toBe(0)
      const said = /ends early \(ffmpeg was ended by SIGKILL\): (\d+) frames could be read, ([\d.]+) of 2\.19 s\.$/m
      const [, frames, seconds] = said.exec(stderr) ?? []
      expect(frames, stderr).toBe('21')
      expect(studio.times('killed.mp4')).toHaveLength(21)
      expect(Number(studio.streams(studio.at('killed.mp4'))[1]!['duration'])).toBeCloseTo(Number(seconds), 1)
    })

    it('an encoder that is killed makes no video, and is named', async () => {
      const args = [couple, '--out', 'none.mp4']
      const { code, stderr } = await withAccident('libx264', 'head -c 2000000 > /dev/null; kill -9 $$', args)
      expect({ code }, stderr).toEqual({ code: 1 })
      expect(stderr).toMatch(/^Error: none\.mp4 cannot be made: ffmpeg was ended by SIGKILL\.$/m)
    })

    it('sound for which there is no room makes no video', async () => {
      const full = "echo 'out: No space left on device' >&2; exit 1"
      const { code, stderr } = await withAccident('-c:v copy', full, [obama, '--out', 'full.mp4'])
      expect({ code }, stderr).toEqual({ code: 1 })
      expect(stderr).toMatch(/^Error: full\.mp4 cannot be made: .*No space left on device\.$/m)
    })
  })

  it('says that sound is missing of which nothing came before the file broke off', async () => {
    studio.ffmpeg('-i', obama, '-c', 'copy', 'mute.ts')
    truncateSync(studio.at('mute.ts'), 300_000)
    const { code, stderr } = await studio.video('mute.ts', '--out', 'mute.mp4')
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(stderr).toMatch(/^Warning: mute\.mp4 has no sound: none can be read from mute\.ts\.$/m)
  })

  it('notices an .avi that breaks off though ffmpeg is content', async () => {
    studio.ffmpeg('-i', obama, '-c:v', 'mpeg4', '-c:a', 'mp2', 'whole.avi')
    copyFileSync(studio.at('whole.avi'), studio.at('half.avi'))
    truncateSync(studio.at('half.avi'), Math.round(readFileSync(studio.at('whole.avi')).length / 2))
    const { code, stderr } = await studio.video('half.avi', '--json', 'half.jsonl')
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(stderr).toMatch(/^Warning: half\.avi ends early \(.+\): \d+ frames could be read, [\d.]+ of [\d.]+ s\.$/m)
  })

  describe('a pipe', () => {
    const shell = (script: string): Promise<Outcome> => {
      const all = `v() { "${process.execPath}" "${main}" video "$@"; }\n${script}`
      const env = { ...process.env, ...studio.env }
      return outcomeOf(spawn('timeout', ['60', 'bash', '-c', all], { env, cwd: studio.folder }))
    }

    it.each([
      ['by its name', 'mkfifo ff; cat pipe.ts > ff & v ff --json pipe.jsonl --overwrite'],
      ['of the shell', 'v <(cat pipe.ts) --json pipe.jsonl --overwrite'],
      ['called /dev/stdin', 'cat pipe.ts | v /dev/stdin --json pipe.jsonl --overwrite'],
    ])('%s is read', async (_, script) => {
      studio.ffmpeg('-i', couple, '-c', 'copy', '-t', '1', 'pipe.ts')
      const { code, stderr } = await shell(script)
      expect({ code }, stderr).toEqual({ code: 0 })
      expect(studio.track('pipe.jsonl').lines.length).toBeGreaterThan(10)
    })

    it('cannot give an MP4 whose index is at its end', async () => {
      const { code, stderr } = await shell(`cat "${obama}" | v - --json index.jsonl`)
      expect({ code }, stderr).toEqual({ code: 1 })
      expect(stderr).toMatch(/^Error: This MP4 cannot be read from a pipe.* -movflags \+faststart\.$/m)
    })

    it('that is none, nor a file, is refused', async () => {
      const { code, stderr } = await studio.video('/dev/null', '--json', 'null.jsonl')
      expect({ code }, stderr).toEqual({ code: 2 })
      expect(stderr).toMatch(/^Error: \/dev\/null is neither a file nor a pipe; .*stdin is -.*--input-format/m)
    })
  })
}
