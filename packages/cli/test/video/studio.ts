import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect } from 'vitest'
import { shared } from '../../../../scripts/shared.mjs'
import { ffmpegNote, hasFfmpeg, runFfmpeg } from '../../src/video/testing.ts'
import type { TrackHeader, TrackLine } from '../../src/video/track-lines.ts'
import { type Outcome, run } from '../command.ts'
import { sandbox } from '../sandbox.ts'

/** One man who talks, 1280 x 720, 55 frames and sound; and a woman and a man, 480 x 270, 56 frames. */
export const obama = shared('videos/obama.mp4')!
export const couple = shared('videos/headpose-female-and-male.mp4')!

const here = obama && couple && shared('standin') && shared('upstream')
/** Why videos cannot be tested here, or nothing. */
export const skipped: string = hasFfmpeg && !here ? ' (skipped: ../shared is not here)' : ffmpegNote

/** A folder for videos, a user whose models are in it, and what one looks at videos with. Paths are of that folder. */
export class Studio {
  readonly #sandbox = sandbox()
  readonly folder: string = this.#sandbox.folder
  readonly env: Record<string, string> = this.#sandbox.env

  constructor() {
    beforeAll(async () => {
      expect(await run(['models', 'pull', '--offline'], { env: this.env })).toMatchObject({ code: 0 })
    })
  }

  at(...names: string[]): string {
    return join(this.folder, ...names)
  }

  video(...args: string[]): Promise<Outcome> {
    return run(['video', ...args], { env: this.env, cwd: this.folder })
  }

  ffmpeg(...args: string[]): void {
    runFfmpeg(this.folder, ...args)
  }

  /** What ffprobe says of a file's streams. */
  streams(path: string): Record<string, string | number>[] {
    return JSON.parse(this.#ffprobe('-of', 'json', '-count_packets', '-show_streams', `file:${path}`)).streams
  }

  /** Presentation times of a file's pictures, seconds. */
  times(path: string): number[] {
    const text = this.#ffprobe(
      ...['-select_streams', 'V:0', '-of', 'csv=p=0', '-show_entries', 'packet=pts_time', `file:${path}`],
    )
    return text
      .trim()
      .split(/,?\n/)
      .map(Number)
      .sort((a, b) => a - b)
  }

  track(path: string): { header: TrackHeader; lines: TrackLine[] } {
    const [header, ...lines] = readFileSync(this.at(path), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    return { header, lines }
  }

  /** Neither half a file nor a temporary one may be among them, nor one that was not asked for. */
  filesIn(name: string): string[] {
    return readdirSync(this.at(name)).sort()
  }

  #ffprobe(...args: string[]): string {
    return execFileSync('ffprobe', ['-loglevel', 'error', ...args], { cwd: this.folder, encoding: 'utf8' })
  }
}

/** The sets of ids that a track's frames have. */
export function ids(lines: readonly TrackLine[]): string[] {
  return [...new Set(lines.map(({ faces }) => faces.map(({ id }) => id).join()))]
}
