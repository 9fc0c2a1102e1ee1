// TypeScript types of the result document, from its JSON Schema: node scripts/generate-types.mjs
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from 'json-schema-to-typescript'

const at = (path) => fileURLToPath(new URL(`../packages/core/${path}`, import.meta.url))
export const target = at('src/json/generated/align-result.ts')

export async function generate() {
  const schema = JSON.parse(readFileSync(at('schema/align-result.json'), 'utf8'))
  return compile(schema, 'AlignResult', {
    ignoreMinAndMaxItems: true,
    bannerComment: '// Generated from schema/align-result.json by scripts/generate-types.mjs; do not edit.',
    style: { semi: false, singleQuote: true, printWidth: 120 },
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await generate()
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
}
