// Compiles cpp/ twice, with and without SIMD, into src/generated: pnpm run build:wasm. With --check nothing is written: the
// result must be what is committed. Machines without emscripten need neither: what is generated is in the repository.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Bytes depend on the compiler; this is Debian 12's. */
const VERSION = '3.1.6'
const FLAGS = [
  '-O3',
  '-std=c++17',
  '-fno-exceptions',
  '-fno-rtti',
  '-fwrapv',
  '-ffp-contract=off',
  ...['-Wall', '-Wextra', '-Werror'],
  '--no-entry',
  '-sSTANDALONE_WASM',
  '-sALLOW_MEMORY_GROWTH',
  '-sINITIAL_MEMORY=1MB',
  '-sMAXIMUM_MEMORY=2GB',
  '-sTOTAL_STACK=64KB',
  '-sMALLOC=emmalloc',
]
const VARIANTS = { simd: ['-msimd128'], scalar: [] }

const root = fileURLToPath(new URL('..', import.meta.url))
const check = process.argv.includes('--check')
// Debian's package keeps its Node modules here and does not say so to Node.
const debian = '/usr/share/nodejs'
const env = { ...process.env, ...(existsSync(debian) && { NODE_PATH: debian }) }

const found = spawnSync('emcc', ['--version'], { encoding: 'utf8', env })
const version = /\) (\d+\.\d+\.\d+)/.exec(found.stdout ?? '')?.[1]
if (version !== VERSION) {
  const what = version ? `emscripten here is ${version}` : 'There is no emscripten here'
  console.log(`${what}; the WebAssembly in the repository was built with ${VERSION} and is used as it is.`)
  process.exit(check ? 0 : 1)
}

const folder = mkdtempSync(join(tmpdir(), '3ddfa-wasm-'))
let different = false
for (const [name, flags] of Object.entries(VARIANTS)) {
  const out = join(folder, `${name}.wasm`)
  const { status } = spawnSync('emcc', ['cpp/exports.cpp', '-o', out, ...FLAGS, ...flags], {
    cwd: root,
    stdio: 'inherit',
    env,
  })
  if (status !== 0) process.exit(status ?? 1)
  const bytes = readFileSync(out)
  const file = join(root, 'src', 'generated', `${name}.ts`)
  const text = `// Generated from cpp/ by scripts/build-wasm.mjs; do not edit.\nconst base64: string = '${bytes.toString('base64')}'\nexport default base64\n`
  const same = existsSync(file) && readFileSync(file, 'utf8') === text
  if (!check) writeFileSync(file, text)
  else if (!same) different = true
  console.log(`${name}: ${bytes.length} bytes${check ? (same ? ', as committed' : ', NOT as committed') : ''}`)
}
rmSync(folder, { recursive: true })
if (different) {
  console.error('src/generated is not what cpp/ gives; run: pnpm --filter @3ddfa/render-wasm build:wasm')
  process.exit(1)
}
