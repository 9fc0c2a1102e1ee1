// Sets a fresh machine up: dependencies, everything that this machine can build, and says plainly what it could not build.
// Needs only Node and npm. Running it twice is quick: it installs and builds only what changed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const pnpmVersion = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager

/** Runs a command in the repository; ends this process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    // Windows starts scripts, as pnpm and npm are there, by a shell alone, which takes paths with spaces apart.
    shell: process.platform === 'win32' && command !== process.execPath,
    ...options,
  })
  if (result.error) {
    console.error(`Could not start ${command}: ${result.error.message}`)
    process.exit(1)
  }
  if (result.status !== 0) process.exit(result.status ?? 1)
}

export function has(command, args = ['--version']) {
  return spawnSync(command, args, { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0
}

/** pnpm as installed, if it is the pinned one (others refuse the lockfile), else that through npm: the command and its first arguments. */
export function pnpmCommand() {
  const options = { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' }
  const installed = spawnSync('pnpm', ['--version'], options).stdout?.trim()
  return `pnpm@${installed}` === pnpmVersion ? ['pnpm'] : ['npm', 'exec', '--yes', '--', pnpmVersion]
}

export function pnpm(...args) {
  const [command, ...first] = pnpmCommand()
  run(command, [...first, ...args])
}

/** Model files that lie beside the checkout spare the network. The packages know nothing of this folder. */
export function useLocalModels() {
  const shared = process.env.TDFA_SHARED ?? join(root, '..', 'shared')
  const folders = ['upstream', 'standin'].map((name) => join(shared, name)).filter((folder) => existsSync(folder))
  if (folders.length > 0) process.env.TDFA_MODEL_SOURCES ??= folders.join(delimiter)
}

export function setup() {
  const lock = join(root, 'pnpm-lock.yaml')
  const installed = join(root, 'node_modules', '.setup-stamp')
  const stamp = `${process.version} ${statSync(lock).mtimeMs} ${readFileSync(lock).length}`
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== stamp) {
    pnpm('install', '--frozen-lockfile')
    writeFileSync(installed, stamp)
  }
  // Part of the build's cache key: a machine that gets Rust later builds the native backend then.
  process.env.TDFA_CARGO = has('cargo') ? 'yes' : 'no'
  process.env.TURBO_TELEMETRY_DISABLED ??= '1'
  pnpm('exec', 'turbo', 'run', 'build', '--output-logs=errors-only', '--ui=stream')
  if (!has('cargo'))
    console.log(
      'Not built: the native mesh backend (Rust, `cargo`, is not on this machine). The WebAssembly backend takes its place: same pixels, slower.',
    )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup()
