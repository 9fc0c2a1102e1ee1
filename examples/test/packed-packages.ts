import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { pnpmCommand } from '../../scripts/setup.mjs'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))
/** Two drawn faces. */
export const picture: string = join(root, 'packages/web-demo/public/sample.png')

/** Why nothing can be installed here, or nothing. Where it must be possible, its absence is a failure. */
export const offline: string =
  process.env.CI || registryAnswers()
    ? ''
    : ' (skipped: no package registry answers, and managers wait for it for minutes)'

function registryAnswers(): boolean {
  return spawnSync('npm', ['ping', '--fetch-retries=0'], { stdio: 'ignore', timeout: 20_000 }).status === 0
}

/** Packages by name, each as where its tarball is. */
export type Tarballs = Readonly<Record<string, string>>

/** Packs workspace packages (their folders) as a registry would serve them. */
export function packPackages(packages: readonly string[], into: string): Tarballs {
  mkdirSync(into)
  for (const name of packages) {
    expect(existsSync(join(root, name, 'dist')), `${name} is built (npm run setup)`).toBe(true)
    runPnpm(['pack', '--pack-destination', into], join(root, name))
  }
  const files = readdirSync(into)
  const named = packages.map((name) => {
    const { name: full } = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')) as { name: string }
    const file = files.find((f) => f.startsWith(`${full.slice(1).replace('/', '-')}-`))!
    return [full, `file:${join(into, file)}`] as const
  })
  return Object.fromEntries(named)
}

/** Installs what the package.json in `app` asks for, without scripts; what the packed packages need of each other is packed too. */
export function installWithPnpm(app: string, tarballs: Tarballs): void {
  const overrides = Object.entries(tarballs).map(([name, path]) => `  "${name}": "${path}"\n`)
  writeFileSync(join(app, 'pnpm-workspace.yaml'), `packages: []\noverrides:\n${overrides.join('')}`)
  runPnpm(['install', '--ignore-scripts', '--prefer-offline', '--no-frozen-lockfile'], app)
}

/** Runs a program to its end; its output, or an error that shows it. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: 'production' },
): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env })
}

/** In production pnpm would leave out what apps need to be built. */
function runPnpm(args: readonly string[], cwd: string): void {
  const [command, ...first] = pnpmCommand()
  run(command, [...first, ...args], cwd, process.env)
}
