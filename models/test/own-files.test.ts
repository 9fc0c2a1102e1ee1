import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { random } from '../../packages/core/src/testing.ts'
import { temporaryFolder } from '../../scripts/temporary-folder.mjs'
import type { Manifest } from '../src/index.ts'
import { exportForWeb, ModelStore } from '../src/node.ts'
import { blobId } from './blob-id.ts'
import { mobileNetV1 } from './networks.ts'
import { statistics } from './statistics.ts'
import { torchZip } from './torch-file.ts'

const next = random(21)
const at = (path: string) => ({ repository: 'someone/models', commit: 'abc', path })
const spread = new Float32Array(62).fill(1)
const files = {
  'net.pth': torchZip(mobileNetV1(next, 0.25).weights),
  'stats.pkl': statistics(new Float32Array(62), spread),
  'own.pth': torchZip(mobileNetV1(next, 0.25).weights),
  'other.pkl': statistics(new Float32Array(62).fill(1), spread),
  'own-stats.pkl': statistics(new Float32Array(62).fill(2), spread),
}
const toy = (id: string, checkpoint: string) =>
  ({
    id,
    kind: 'regressor',
    description: 'a toy',
    file: `${id}.onnx`,
    inputs: { checkpoint, meanStd: 'stats' },
  }) as const
const manifest: Manifest = {
  files: [
    { id: 'net', source: at('net.pth'), blobId: blobId(files['net.pth']), licence: 'MIT' },
    { id: 'stats', source: at('stats.pkl'), blobId: blobId(files['stats.pkl']), licence: 'Apache-2.0' },
    { id: 'drive', licence: 'MIT', note: 'only on a drive: 3ddfa models import by-hand' },
  ],
  standIns: [
    { replaces: 'stats', blobId: blobId(files['other.pkl']), bytes: files['other.pkl'].length, note: 'another mean' },
  ],
  artifacts: [toy('toy', 'net'), toy('by-hand', 'drive')],
}

describe("a model of the user's files", () => {
  const folder = temporaryFolder('own')
  const published = join(folder, 'published')
  const file = (name: string) => join(folder, name)
  let run = 0
  let store: ModelStore
  let warnings: string[]

  const status = async (id: string) => (await store.list()).find(({ artifact }) => artifact.id === id)!

  beforeEach(() => {
    mkdirSync(published, { recursive: true })
    for (const [name, data] of Object.entries(files)) writeFileSync(file(name), data)
    for (const name of ['net.pth', 'stats.pkl'] as const) writeFileSync(join(published, name), files[name])
    warnings = []
    store = new ModelStore({
      cacheDir: join(folder, `cache-${run++}`),
      manifest,
      sources: [published],
      offline: true,
      onWarning: (message) => warnings.push(message),
    })
  })

  it('says so in the list, when verified, when used and when exported', async () => {
    const path = await store.importLocal('toy', { checkpoint: file('own.pth') })
    expect(await status('toy')).toMatchObject({
      state: 'ready',
      origin: 'own',
      note: "made from a user's file in place of the published one",
      licences: ["not known (a user's file)", 'Apache License 2.0'],
    })
    expect(await store.verify()).toEqual([
      { id: 'toy', ok: true, message: "intact (made from a user's file in place of the published one)" },
    ])
    warnings = []
    await store.path('toy')
    expect(warnings).toEqual([
      "toy was made from a user's file (checkpoint) in place of the published net.pth, which comes back with: 3ddfa models pull toy.",
    ])
    const { models } = await exportForWeb(store, join(folder, 'web'), ['toy'])
    expect(models[0]).toMatchObject({
      licences: ["not known (a user's file)", 'Apache License 2.0'],
      notes: [expect.stringMatching(/^The model toy was made from a user's file in place of the published one: /)],
    })
    writeFileSync(path, Buffer.alloc(readFileSync(path).length))
    expect(await store.verify()).toMatchObject([{ ok: false, message: expect.stringContaining('import it again') }])
  })

  it('gives way to the published one when that is pulled, and stays where it cannot be had', async () => {
    const path = await store.importLocal('toy', { checkpoint: file('own.pth') })
    const own = readFileSync(path)
    expect(await store.ensure('toy')).toBe(path)
    expect(readFileSync(path).equals(own)).toBe(true)
    const alone = new ModelStore({ cacheDir: store.cacheDir, manifest, sources: [], offline: true })
    await expect(alone.pull(['toy'])).rejects.toThrow('net is in no local folder')
    expect(readFileSync(path).equals(own)).toBe(true)
    await store.pull(['toy'])
    expect(await status('toy')).toMatchObject({
      origin: 'published',
      note: undefined,
      licences: ['MIT License', 'Apache License 2.0'],
    })
    expect(readFileSync(path).equals(own)).toBe(false)
  })

  it('loses its record before another one takes its place: a run that ends in between leaves none', async () => {
    const path = await store.pull(['toy']).then(() => store.path('toy'))
    const published = readFileSync(path)
    // A folder is not removed like a record, which ends the import there.
    rmSync(`${path}.json`)
    mkdirSync(`${path}.json`)
    await expect(store.importLocal('toy', { checkpoint: file('own.pth') })).rejects.toThrow()
    expect(readFileSync(path).equals(published)).toBe(true)
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.tmp'))).toEqual([])
    rmSync(`${path}.json`, { recursive: true })
    await store.importLocal('toy', { checkpoint: file('own.pth') })
    expect(await status('toy')).toMatchObject({ state: 'ready', origin: 'own' })
  })

  it('and a published one that are imported at once leave one of both, and its own record', async () => {
    const make = () => new ModelStore({ cacheDir: store.cacheDir, manifest, sources: [published], offline: true })
    const [own, theirs] = [file('own.pth'), join(published, 'net.pth')]
    for (let round = 0; round < 12; round++) {
      await Promise.all([own, theirs].map((checkpoint) => make().importLocal('toy', { checkpoint })))
      expect(await make().verify()).toMatchObject([{ ok: true }])
    }
    expect(readdirSync(dirname(await store.path('toy'))).sort()).toEqual(['toy.onnx', 'toy.onnx.json'])
  })

  it('gives way to no stand-in', async () => {
    const path = await store.importLocal('toy', { meanStd: file('own-stats.pkl') })
    const own = readFileSync(path)
    const standIns = join(folder, 'standins')
    mkdirSync(standIns, { recursive: true })
    writeFileSync(join(standIns, 'net.pth'), files['net.pth'])
    writeFileSync(join(standIns, 'stats.pkl'), files['other.pkl'])
    const other = new ModelStore({ cacheDir: store.cacheDir, manifest, sources: [standIns], offline: true })
    await expect(other.pull(['toy'])).rejects.toThrow('stats is in no local folder')
    expect(readFileSync(path).equals(own)).toBe(true)
    // Where it is the only one, it does.
    const empty = new ModelStore({ cacheDir: join(folder, 'empty'), manifest, sources: [standIns], offline: true })
    await empty.pull(['toy'])
    expect((await empty.list())[0]).toMatchObject({ origin: 'published', standIn: true })
  })

  it('is not made again by others when the importer has changed', async () => {
    const path = await store.importLocal('toy', { checkpoint: file('own.pth') })
    const record = JSON.parse(readFileSync(`${path}.json`, 'utf8'))
    writeFileSync(`${path}.json`, JSON.stringify({ ...record, importer: 0 }))
    const own = readFileSync(path)
    await expect(store.ensure('toy')).rejects.toThrow('by an older version; import it again.')
    expect(readFileSync(path).equals(own)).toBe(true)
    await store.pull(['toy'])
    expect(await status('toy')).toMatchObject({ state: 'ready', origin: 'published' })
  })

  it('is told by its content: the pinned one is the published one, whoever gives it, and a stand-in a stand-in', async () => {
    await store.importLocal('toy', { checkpoint: file('net.pth') })
    expect(await status('toy')).toMatchObject({ origin: 'published', standIn: false, note: undefined })
    expect(warnings).toEqual([])
    await store.importLocal('toy', { meanStd: file('other.pkl') })
    expect(await status('toy')).toMatchObject({ origin: 'published', standIn: true, note: 'made from a stand-in' })
  })

  it('is told but not warned of where only the user can bring the file, and is not pulled away', async () => {
    const path = await store.importLocal('by-hand', { checkpoint: file('own.pth') })
    expect(warnings).toEqual([])
    expect(await status('by-hand')).toMatchObject({
      origin: 'by-hand',
      note: "made from a user's file that could not be compared with the published one",
      licences: ["not known (a user's file)", 'Apache License 2.0'],
    })
    const made = readFileSync(path)
    await store.pull(['by-hand'])
    expect(readFileSync(path).equals(made)).toBe(true)
    // Nothing brings the published statistics back, since the checkpoint is nowhere.
    await store.importLocal('by-hand', { checkpoint: file('own.pth'), meanStd: file('own-stats.pkl') })
    expect(warnings).toEqual(["by-hand was made from a user's file (meanStd) in place of the published stats.pkl."])
    await store.pull(['by-hand'])
    expect(await status('by-hand')).toMatchObject({ origin: 'own' })
  })
})
