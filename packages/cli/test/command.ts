import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pnpmCommand } from '../../../scripts/setup.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))
export const main: string = join(root, 'packages/cli/dist/main.js')

/** Builds the command where it is missing or older than a source of its packages. */
export async function build(): Promise<void> {
  if (existsSync(main) && newestSource() < statSync(main).mtimeMs) return
  const args = ['exec', 'turbo', 'run', 'build', '--filter=@3ddfa/cli', '--output-logs=errors-only', '--ui=stream']
  const [command, ...first] = pnpmCommand()
  const { code, stdout, stderr } = await outcomeOf(spawn(command, [...first, ...args], { cwd: root }))
  if (code !== 0) throw new Error(`The command could not be built:\n${stdout}${stderr}`)
}

function newestSource(): number {
  const folders = [
    'models',
    'models/open',
    ...['cli', 'core', 'detector', 'inference', 'render-native', 'render-wasm'].map((name) => `packages/${name}`),
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

export interface StartOptions {
  readonly cwd?: string
  /** Beside this process' own; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface RunOptions extends StartOptions {
  /** A SIGINT is sent, once, as soon as the program has said this. */
  readonly interruptAfter?: RegExp
}

/** Starts `3ddfa` as a user would: the built file in a process of its own. */
export function start(args: readonly string[], { cwd, env }: StartOptions = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, ...env } })
}

/** Starts `3ddfa` and waits for its end. */
export function run(args: readonly string[], { interruptAfter, ...options }: RunOptions = {}): Promise<Outcome> {
  return outcomeOf(start(args, options), interruptAfter)
}

/** What a process says from now on, and how it ends. */
export function outcomeOf(child: ChildProcessWithoutNullStreams, interruptAfter?: RegExp): Promise<Outcome> {
  const said = { stdout: '', stderr: '' }
  let cue = interruptAfter
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
      if (!cue?.test(said[stream])) return
      cue = undefined
      child.kill('SIGINT')
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...said }))
  })
}
