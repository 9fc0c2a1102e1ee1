import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pnpmCommand } from '../../../scripts/setup.mjs'
import { shared } from '../../../scripts/shared.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))
export const main: string = join(root, 'packages/cli/dist/main.js')

/** Builds the command where it is missing or older than a source of its packages. */
export async function build(): Promise<void> {
  if (existsSync(main) && newestSource() < statSync(main).mtimeMs) return
  const args = ['exec', 'turbo', 'run', 'build', '--filter=@3ddfa/cli', '--output-logs=errors-only', '--ui=stream']
  const [command, ...first] = pnpmCommand()
  const { code, stdout, stderr } = await finish(command, [...first, ...args], { cwd: root })
  if (code !== 0) throw new Error(`The command could not be built:\n${stdout}${stderr}`)
}

function newestSource(): number {
  const folders = [
    'models',
    'models/open',
    ...['cli', 'core', 'detector', 'inference', 'render-native'].map((name) => `packages/${name}`),
  ]
  const files = folders.flatMap((folder) => {
    const src = join(root, folder, 'src')
    return readdirSync(src, { recursive: true, encoding: 'utf8' }).map((name) => join(src, name))
  })
  return Math.max(...files.filter((file) => !file.endsWith('.test.ts')).map((file) => statSync(file).mtimeMs))
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Sent as soon as the program has said this. */
  readonly interruptAfter?: RegExp
}

/** Runs `3ddfa` as a user would: the built file in a process of its own. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return finish(process.execPath, [main, ...args], options)
}

/** A temporary folder, and the environment of a user whose models come from ../shared into a store in it. */
export function sandbox(): { folder: string; env: Record<string, string> } {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-e2e-'))
  const sources = ['upstream', 'standin'].map((name) => shared(name)).filter((path) => path !== undefined)
  return { folder, env: { TDFA_CACHE_DIR: join(folder, 'cache'), TDFA_MODEL_SOURCES: sources.join(delimiter) } }
}

function finish(command: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env } })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
      if (options.interruptAfter?.test(said[stream])) child.kill('SIGINT')
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...said }))
  })
}
