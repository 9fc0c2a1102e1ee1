import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installWithPnpm, offline, packPackages, picture, root, run, type Tarballs } from './packed-packages.ts'

const PACKAGES = [
  'packages/core',
  'packages/inference',
  'packages/detector',
  'packages/render-native',
  'packages/render-wasm',
  'models',
  'models/open',
  'packages/cli',
]
const ENTRIES = [
  '@3ddfa/core',
  '@3ddfa/core/gltf',
  '@3ddfa/detector',
  '@3ddfa/inference/node',
  '@3ddfa/inference/web',
  '@3ddfa/models',
  '@3ddfa/models/node',
  '@3ddfa/models/web',
  '@3ddfa/open-models',
  '@3ddfa/open-models/node',
  '@3ddfa/render-native',
]

/** The WebAssembly as a file, for those who would rather serve it. */
const SERVED_WASM = `
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createWasmBackend } from '@3ddfa/render-wasm'
const file = (name) => readFileSync(createRequire(import.meta.url).resolve('@3ddfa/render-wasm/' + name))
const made = [await createWasmBackend({ wasm: file('simd.wasm') }), await createWasmBackend({ wasm: file('scalar.wasm'), simd: false })]
console.log(made.map(({ id }) => id).join(' '))
`

/** What a page does with what it is given: no cast is needed. */
const PAGE = `
import { type FaceAligner, type FaceMesh, type InputFrame, writeNpy, writeObj, writePly } from '@3ddfa/core'
import { writeGlb } from '@3ddfa/core/gltf'
import { loadMorphableModel, openWebModelStore } from '@3ddfa/models/web'
export async function save(meshes: FaceMesh[], picture: { width: number; height: number }): Promise<Blob> {
  const files = [writeObj(meshes, picture).obj, writePly(meshes, picture), await writeGlb(meshes, { picture })]
  await fetch('/faces', { method: 'POST', body: writeNpy(meshes[0]!.vertices, [1]) })
  return new Blob([...files, await openWebModelStore({ baseUrl: '/' }).load('mb05')])
}
export async function follow(aligner: FaceAligner, frames: ReadableStream<InputFrame>): Promise<void> {
  for await (const { faces } of aligner.track(frames)) console.log(faces.length)
}
export { loadMorphableModel }
`

/** What TypeScript says of the packages in a strict project for Node, which has no types of the DOM, and of a page. Both check the packages' own types. */
function typeErrors(cwd: string): string {
  const entries = [...ENTRIES, '@3ddfa/render-wasm'].filter((name) => !name.endsWith('/web'))
  writeFileSync(join(cwd, 'types.mts'), entries.map((name, i) => `export * as entry${i} from '${name}'\n`).join(''))
  writeFileSync(join(cwd, 'page.mts'), PAGE)
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const check = (...args: string[]): string => {
    const options = ['--target', 'es2022', '--noEmit', '--strict', '--typeRoots', join(root, 'node_modules/@types')]
    return spawnSync(process.execPath, [compiler, ...options, ...args], { cwd, encoding: 'utf8' }).stdout
  }
  return (
    check('--lib', 'es2022', '--module', 'nodenext', '--types', 'node', 'types.mts') +
    check('--lib', 'es2022,dom', '--module', 'preserve', 'page.mts')
  )
}

/** As a registry would serve them: every public package as a tarball, installed without scripts in an empty folder. */
describe.skipIf(offline)(`packed packages${offline}`, () => {
  let folder: string
  let tarballs: Tarballs

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), '3ddfa-packed-'))
    tarballs = packPackages(PACKAGES, join(folder, 'tarballs'))
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const install = {
    npm: (cwd: string) =>
      run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], cwd),
    pnpm: (cwd: string) => installWithPnpm(cwd, tarballs),
  }

  it.each(['npm', 'pnpm'] as const)(
    'install with %s without scripts, import, and run an example',
    (manager) => {
      const cwd = join(folder, manager)
      mkdirSync(cwd)
      const manifest = {
        ...{ name: 'app', private: true, type: 'module' },
        dependencies: { ...tarballs, 'onnxruntime-node': '1.30.0', sharp: '0.35.5' },
        ...(manager === 'npm' && { overrides: tarballs }),
      }
      writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest))
      install[manager](cwd)
      const imports = ENTRIES.map((name) => `await import('${name}')\n`)
      const errors = `[${['', '/node', '/web'].map((entry) => `(await import('@3ddfa/models${entry}')).FormatError`)}]`
      writeFileSync(join(cwd, 'imports.mjs'), `${imports.join('')}console.log('imported', new Set(${errors}).size)\n`)
      expect(run(process.execPath, ['imports.mjs'], cwd)).toBe('imported 1\n')
      const cli = join(cwd, 'node_modules/@3ddfa/cli/dist/main.js')
      expect(run(process.execPath, [cli, '--version'], cwd)).toMatch(/^\d+\.\d+\.\d+/)
      expect(typeErrors(cwd)).toBe('')
      writeFileSync(join(cwd, 'served.mjs'), SERVED_WASM)
      expect(run(process.execPath, ['served.mjs'], cwd)).toBe('wasm wasm\n')
      copyFileSync(join(root, 'examples/landmarks.mjs'), join(cwd, 'landmarks.mjs'))
      expect(run(process.execPath, ['landmarks.mjs', picture], cwd).match(/nose tip at/g)).toHaveLength(2)
    },
    240_000,
  )

  it('run without a binary of onnxruntime-node, as on musl and Intel Macs, once onnxruntime-web is there', () => {
    const cwd = join(folder, 'no-binary')
    mkdirSync(cwd)
    const manifest = {
      ...{ name: 'app', private: true, type: 'module', overrides: tarballs },
      dependencies: { '@3ddfa/cli': tarballs['@3ddfa/cli'], 'onnxruntime-web': '1.30.0' },
    }
    writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest))
    install.npm(cwd)
    rmSync(join(cwd, 'node_modules/onnxruntime-node/bin'), { recursive: true })
    const align = () => {
      const cli = join(cwd, 'node_modules/@3ddfa/cli/dist/main.js')
      const args = [cli, 'align', picture, '--model', 'open', '--detector', 'open', '-o', 'json', '--out', 'out']
      // pnpm's shims name packages there that this project does not have.
      const env = { ...process.env, NODE_PATH: '' }
      return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env })
    }
    const first = align()
    expect(first, first.stderr).toMatchObject({ status: 0 })
    expect(first.stderr).toMatch(
      /^Warning: Could not load onnxruntime-node .* takes its place: the same numbers, slower\.$/m,
    )
    expect(first.stderr.match(/onnxruntime-web takes its place/g)).toHaveLength(1)
    expect(first.stdout + first.stderr).toContain('2 faces')
    rmSync(join(cwd, 'node_modules/onnxruntime-web'), { recursive: true })
    const second = align()
    expect(second.status).toBe(2)
    expect(second.stderr).toMatch(/^Error: Could not load onnxruntime-node .* npm install onnxruntime-web$/m)
  }, 240_000)
})
