import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provenance } from '@3ddfa/core'
import { afterAll, beforeEach, expect, it } from 'vitest'
import type { BatchFlags } from '../commands/batch-command.ts'
import { claimFolder, manifestOf } from './manifest.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa-manifest-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(() => rmSync(join(folder, 'batch.json'), { force: true }))

const provenance: Provenance = {
  models: { detector: 'faceboxes', regressor: 'mb05', morphableModel: 'bfm' },
  backend: 'native',
}
const flags = { outputs: ['ply'], model: 'mb05', workers: 2 } as unknown as BatchFlags
const manifest = manifestOf('/pictures', provenance, flags)

it('is written once, and lets the same options in again', () => {
  claimFolder(folder, manifest, false)
  const text = readFileSync(join(folder, 'batch.json'), 'utf8')
  expect(JSON.parse(text)).toMatchObject({ schema: '3ddfa.batch', root: '/pictures', options: { outputs: ['ply'] } })
  claimFolder(folder, manifestOf('/pictures', provenance, { ...flags, workers: 7 }), true)
  expect(readFileSync(join(folder, 'batch.json'), 'utf8')).toBe(text)
})

it('takes the same outputs in another order for the same batch', () => {
  const of = (...outputs: string[]) => manifestOf('/pictures', provenance, { ...flags, outputs } as BatchFlags)
  claimFolder(folder, of('json', '2d_sparse'), false)
  expect(() => claimFolder(folder, of('2d_sparse', 'json'), true)).not.toThrow()
  expect(() => claimFolder(folder, of('2d_sparse', 'ply'), true)).toThrow(/outputs was .* and is/)
})

it('names the parameters once for all lines, and takes folders from before it did', () => {
  const parameters = { unit: 'millimetre' as const, names: ['camera_11', 'shape_1'], movement: [0.5] }
  claimFolder(folder, manifest, false)
  const named = manifestOf('/pictures', { ...provenance, parameters }, flags)
  claimFolder(folder, named, true)
  rmSync(join(folder, 'batch.json'))
  claimFolder(folder, named, false)
  expect(JSON.parse(readFileSync(join(folder, 'batch.json'), 'utf8')).parameters).toEqual(parameters)
  expect(readFileSync(join(folder, 'batch.json'), 'utf8')).toContain('["camera_11", "shape_1"]')
})

it.each<[string, string, Provenance, Partial<BatchFlags>]>([
  ['outputs was ["ply"] and is ["obj"]', '/pictures', provenance, { outputs: ['obj'] }],
  ['root was "/pictures" and is "/others"', '/others', provenance, {}],
  ['detectSize was null and is 320', '/pictures', provenance, { detectSize: 320 }],
  ['backend was "native" and is "wasm"', '/pictures', { ...provenance, backend: 'wasm' }, {}],
])('says that %s', (difference, root, said, changed) => {
  claimFolder(folder, manifest, false)
  expect(() => claimFolder(folder, manifestOf(root, said, { ...flags, ...changed }), true)).toThrow(difference)
})

it('takes no folder with results of another program', () => {
  expect(() => claimFolder(folder, manifest, true)).toThrow('has results.jsonl but no batch.json')
})

it.each([
  ['empty', ''],
  ['cut', '{'],
  ['null', 'null'],
  ['a list', '[]'],
  ['of another program', '{"name":"batch"}'],
  ['without options', '{"schema":"3ddfa.batch"}'],
  ['with other options', '{"schema":"3ddfa.batch","options":"all"}'],
  ['nested', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['with nested options', `{"schema":"3ddfa.batch","options":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`],
])('says of a manifest that is none, %s', (_, text) => {
  writeFileSync(join(folder, 'batch.json'), text)
  expect(() => claimFolder(folder, manifest, false)).toThrow(
    `${join(folder, 'batch.json')} is no batch.json of 3ddfa batch; give another --out.`,
  )
})

it('takes no name of a property for an option', () => {
  writeFileSync(join(folder, 'batch.json'), JSON.stringify({ ...manifest, constructor: 'x'.repeat(1000) }))
  expect(() => claimFolder(folder, manifest, true)).toThrow(/ constructor was "x{299}\.\.\. and is undefined\. Give/)
})
