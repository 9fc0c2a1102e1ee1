// Generates src/tflite/generated from src/tflite/schema.fbs with flatc (25 or newer, on the PATH or in FLATC), and takes out
// what writes models: we only read them.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../src/tflite/', import.meta.url))
const folder = `${root}generated`
rmSync(folder, { recursive: true, force: true })
execFileSync(
  process.env.FLATC ?? 'flatc',
  ['--ts', '--ts-no-import-ext', '--ts-omit-entrypoint', '-o', folder, `${root}schema.fbs`],
  { stdio: 'inherit' },
)
for (const name of readdirSync(`${folder}/tflite`)) {
  const path = `${folder}/tflite/${name}`
  const code = readFileSync(path, 'utf8')
    .replace(/^static \w+\(builder:flatbuffers\.Builder[\s\S]*?^}\n+/gm, '')
    .replace(/^export function union[\s\S]*?^}\n*/gm, '')
    .replace(', unionToBuiltinOptions, unionListToBuiltinOptions', '')
    .replace('builtinOptions<T extends flatbuffers.Table>(', 'builtinOptions(')
  // Imports that only what was taken out needed.
  const isUsed = (type) => (code.match(new RegExp(`\\b${type}\\b(?! =)`, 'g'))?.length ?? 0) > 1
  const used = code.replace(/^import \{ (\w+) \} from .*\n/gm, (line, type) => (isUsed(type) ? line : ''))
  writeFileSync(path, used)
}
