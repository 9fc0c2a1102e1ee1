import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pnpmCommand } from '../../scripts/setup.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const packages = [
  'packages/core',
  'packages/inference',
  'packages/detector',
  'packages/render-native',
  'packages/render-wasm',
  'models',
  'models/open',
  'packages/cli',
]
const picture = join(root, 'packages/web-demo/public/sample.png')

/** Runs a program to its end; its output, or an error that shows it. */
function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
}

const runPnpm = (args: string[], cwd: string): string => {
  const [command, ...first] = pnpmCommand()
  return run(command, [...first, ...args], cwd)
}

/** As a registry would serve them: every public package as a tarball, installed without scripts in an empty folder. */
describe('packed packages', () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-packed-'))
  const tarballs = join(folder, 'tarballs')
  let dependencies: Record<string, string> = {}

  beforeAll(() => {
    mkdirSync(tarballs)
    for (const name of packages) {
      expect(existsSync(join(root, name, 'dist')), `${name} is built (npm run setup)`).toBe(true)
      runPnpm(['pack', '--pack-destination', tarballs], join(root, name))
    }
    const names = packages.map(
      (name) => JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')).name as string,
    )
    const file = (name: string) =>
      readdirSync(tarballs).find((f) => f.startsWith(`${name.slice(1).replace('/', '-')}-`))!
    dependencies = Object.fromEntries(names.map((name) => [name, `file:${join(tarballs, file(name))}`]))
  }, 120_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const app = (manager: string) => {
    const cwd = join(folder, manager)
    mkdirSync(cwd)
    const manifest = {
      name: 'app',
      private: true,
      type: 'module',
      dependencies: { ...dependencies, 'onnxruntime-node': '1.30.0', sharp: '0.35.5' },
    }
    // Until the packages are published, what they need of each other is these tarballs too.
    const overrides = manager === 'npm' ? { overrides: dependencies } : {}
    writeFileSync(join(cwd, 'package.json'), JSON.stringify({ ...manifest, ...overrides }))
    if (manager === 'pnpm')
      writeFileSync(
        join(cwd, 'pnpm-workspace.yaml'),
        `packages: []\noverrides:\n${Object.entries(dependencies)
          .map(([name, path]) => `  "${name}": "${path}"\n`)
          .join('')}`,
      )
    return cwd
  }

  it.each([
    ['npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']],
    ['pnpm', ['install', '--ignore-scripts', '--prefer-offline', '--no-frozen-lockfile']],
  ])(
    'install with %s without scripts, import, and run an example',
    (manager, args) => {
      const cwd = app(manager)
      if (manager === 'pnpm') runPnpm(args, cwd)
      else run(manager, args, cwd)
      const imports = [
        '@3ddfa/core',
        '@3ddfa/core/gltf',
        '@3ddfa/detector',
        '@3ddfa/inference/node',
        '@3ddfa/models',
        '@3ddfa/models/node',
        '@3ddfa/open-models',
        '@3ddfa/open-models/node',
        '@3ddfa/render-native',
      ]
      writeFileSync(
        join(cwd, 'imports.mjs'),
        `${imports.map((name) => `await import('${name}')`).join('\n')}\nconsole.log('imported')\n`,
      )
      expect(run(process.execPath, ['imports.mjs'], cwd)).toBe('imported\n')
      expect(run(process.execPath, [join(cwd, 'node_modules/@3ddfa/cli/dist/main.js'), '--version'], cwd)).toMatch(
        /^\d+\.\d+\.\d+/,
      )
      copyFileSync(join(root, 'examples/landmarks.mjs'), join(cwd, 'landmarks.mjs'))
      expect(run(process.execPath, ['landmarks.mjs', picture], cwd).match(/nose tip at/g)).toHaveLength(2)
    },
    240_000,
  )
})
