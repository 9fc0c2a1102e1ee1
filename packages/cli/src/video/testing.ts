import { execFileSync, spawnSync } from 'node:child_process'

export const hasFfmpeg: boolean = ['ffmpeg', 'ffprobe'].every((tool) => spawnSync(tool, ['-version']).status === 0)

/** Behind the name of a suite that needs ffmpeg: why it is skipped, if it is. */
export const ffmpegNote: string = hasFfmpeg ? '' : ' (skipped: ffmpeg is not installed)'

/** Runs ffmpeg in a folder, without a word unless something is wrong; files are replaced. */
export function runFfmpeg(folder: string, ...args: string[]): void {
  execFileSync('ffmpeg', ['-loglevel', 'error', '-nostdin', '-y', ...args], { cwd: folder })
}
