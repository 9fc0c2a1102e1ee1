import { spawnSync } from 'node:child_process'
import { systemReason } from '../errors.ts'
import { CONTAINERS } from '../video/containers.ts'
import type { ToolName } from '../video/tool.ts'
import { attempt, type Check } from './check.ts'

const VIDEOS = '`video`, `eval stability` and `bench video`, which need ffmpeg 5.1 or newer'

/** How a black picture, or silence, comes to an encoder. */
const PICTURE = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '64x64', '-i', 'pipe:0', '-pix_fmt', 'yuv420p']
const SOUND = ['-f', 's16le', '-ar', '48000', '-ac', '1', '-i', 'pipe:0']
const NOTHING = new Uint8Array(64 * 64 * 3)

/** The programs of ffmpeg tell their versions, and each encoder of `video` is tried. `align` needs none of them. */
export async function* checkVideo(): AsyncGenerator<Omit<Check, 'group'>> {
  const ffmpeg = await attemptFor(VIDEOS, 'ffmpeg', () => versionOf('ffmpeg'))
  yield ffmpeg
  yield attemptFor(VIDEOS, 'ffprobe', () => versionOf('ffprobe'))
  if (ffmpeg.ok)
    for (const [name, { args, detail, endings }] of encoders())
      yield attemptFor(endings.join(', '), name, () => {
        run('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...args, '-f', 'null', '-'])
        return detail
      })
  yield attemptFor('`video --display`', 'ffplay', () => versionOf('ffplay'))
}

/** An attempt that says what the thing would be for, where it fails. */
async function attemptFor(purpose: string, name: string, tried: () => string): Promise<Omit<Check, 'group'>> {
  const check = await attempt(name, false, tried)
  return check.ok ? check : { ...check, detail: `${check.detail}; it is for ${purpose}` }
}

/** Versions of a development tree are no numbers and taken as they are. */
function versionOf(name: ToolName): string {
  const version = run(name, ['-version']).match(/ version (\S+)/)?.[1] ?? 'no version told'
  const [, major, minor] = version.match(/^n?(\d+)\.(\d+)/)?.map(Number) ?? []
  if (major !== undefined && (major < 5 || (major === 5 && minor! < 1))) throw new Error(`${version} is too old`)
  return version
}

/** All encoders by name, each with the endings of the files that it makes. */
function encoders(): Map<string, { args: readonly string[]; detail: string; endings: string[] }> {
  const found: ReturnType<typeof encoders> = new Map()
  for (const [ending, { video, audioEncoder }] of Object.entries(CONTAINERS))
    for (const [name, args, detail] of [
      [video[1]!, [...PICTURE, ...video], 'encoded a picture'],
      [audioEncoder, [...SOUND, '-c:a', audioEncoder], 'encoded sound'],
    ] as const) {
      const known = found.get(name)?.endings ?? []
      found.set(name, { args, detail, endings: [...known, `.${ending}`] })
    }
  return found
}

/** What a program prints. @throws {Error} with the first thing that it complains of. */
function run(name: ToolName, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(name, args, {
    input: NOTHING,
    encoding: 'utf8',
    timeout: 20_000,
    windowsHide: true,
  })
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOENT') throw new Error('not on the PATH')
  if (code === 'ETIMEDOUT') throw new Error('does not answer')
  // Who has ended without reading what it was given has answered all the same.
  if (error && code !== 'EPIPE') throw new Error(systemReason(error))
  // Without the address of ffmpeg's object in front.
  const complaint = stderr
    .trim()
    .split('\n')[0]!
    .replace(/^(\[[^\]]*\] ?)+/, '')
  if (status !== 0) throw new Error(complaint || `ended with ${status}`)
  return stdout
}
