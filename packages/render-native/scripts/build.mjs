// Builds the Rust part for this machine with napi-rs; without Rust says what takes its place.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('..', import.meta.url))
const shell = process.platform === 'win32'
if (spawnSync('cargo', ['--version'], { stdio: 'ignore', shell }).status !== 0) {
  console.log(
    'The native backend was not built: Rust (cargo) is not on this machine. The wasm or the TypeScript reference backend takes its place.',
  )
  process.exit(0)
}
const { status, error } = spawnSync(
  'napi',
  ['build', '--platform', '--release', '--no-js', '--dts', 'target/binding.d.ts', ...process.argv.slice(2)],
  { cwd, stdio: 'inherit', shell },
)
if (error)
  console.error(
    `napi did not start (${error.message}); run this through pnpm: pnpm --filter @3ddfa/render-native build`,
  )
process.exit(status ?? 1)
