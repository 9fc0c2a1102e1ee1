import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { random } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'
import { MANIFEST, type Manifest } from '../src/index.ts'
import { type ArtifactStatus, loadMorphableModel, ModelStore, type ModelStoreOptions } from '../src/node.ts'
import { blobId } from './blob-id.ts'
import { mobileNetV1 } from './networks.ts'
import { statistics } from './statistics.ts'
import { torchZip } from './torch-file.ts'

const next = random(21)

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), '3ddfa-store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('manifest', () => {
  it('is whole: ids are unique, every input is a file, every fetchable file is pinned', () => {
    const ids = MANIFEST.files.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const artifact of MANIFEST.artifacts)
      for (const input of Object.values(artifact.inputs)) expect(ids).toContain(input)
    for (const { source, blobId, note, id } of MANIFEST.files) {
      if (source) expect(`${source.commit} ${blobId}`, id).toMatch(/^[0-9a-f]{40} [0-9a-f]{40}$/)
      else expect(note, id).toContain('3ddfa models import')
    }
  })
})

describe('store', () => {
  it('leaves to the caller what onProgress throws, even where it looks like an error of the disk', async () => {
    const data = new Uint8Array(1000)
    const source = { repository: 'someone/models', commit: 'abc', path: 'net.pth' }
    const artifact = {
      id: 'toy',
      kind: 'regressor',
      description: 'a toy',
      file: 'toy.onnx',
      inputs: { checkpoint: 'net' },
    }
    const manifest = {
      files: [{ id: 'net', source, blobId: blobId(data), licence: 'MIT' }],
      standIns: [],
      artifacts: [artifact],
    } as unknown as Manifest
    const pipe = Object.assign(new Error('write EAGAIN'), { errno: -11, code: 'EAGAIN', syscall: 'write' })
    const onProgress = () => {
      throw pipe
    }
    const answer = (async () => new Response(data)) as unknown as typeof fetch
    const store = new ModelStore({ cacheDir: folder, manifest, sources: [], fetch: answer, onProgress })
    await expect(store.pull(['toy'])).rejects.toBe(pipe)
  })

  it('replaces what a stand-in made once the published file is in a local folder, and not before', async () => {
    const [published, standIn] = [0, 1].map((mean) =>
      statistics(new Float32Array(62).fill(mean), new Float32Array(62).fill(1)),
    ) as [Uint8Array, Uint8Array]
    const checkpoint = torchZip(mobileNetV1(next, 0.25).weights)
    const at = (path: string) => ({ repository: 'someone/models', commit: 'abc', path })
    const manifest: Manifest = {
      files: [
        { id: 'net', source: at('net.pth'), blobId: blobId(checkpoint), licence: 'MIT' },
        { id: 'stats', source: at('stats.pkl'), blobId: blobId(published), licence: 'MIT' },
      ],
      standIns: [{ replaces: 'stats', blobId: blobId(standIn), bytes: standIn.length, note: 'another mean' }],
      artifacts: [
        {
          id: 'toy',
          kind: 'regressor',
          description: 'a toy',
          file: 'toy.onnx',
          inputs: { checkpoint: 'net', meanStd: 'stats' },
        },
      ],
    }
    const sources = ['published', 'standin'].map((name) => join(folder, name))
    for (const path of sources) mkdirSync(path)
    writeFileSync(join(folder, 'standin/net.pth'), checkpoint)
    writeFileSync(join(folder, 'standin/stats.pkl'), standIn)
    const store = new ModelStore({ cacheDir: join(folder, 'cache'), manifest, sources, offline: true })
    const pulled = async () => {
      await store.pull(['toy'])
      const [{ path, standIn: isStandIn }] = (await store.list()) as [ArtifactStatus]
      return { isStandIn, made: statSync(path).mtimeMs }
    }
    const first = await pulled()
    expect(first.isStandIn).toBe(true)
    expect(await pulled()).toEqual(first)
    writeFileSync(join(folder, 'published/stats.pkl'), published)
    const second = await pulled()
    expect(second.isStandIn).toBe(false)
    expect(await pulled()).toEqual(second)
  })
})

const upstream = shared('upstream')
const why = upstream ? '' : ' (skipped: ../shared/upstream is not here)'

describe.skipIf(!upstream)(`store on published files${why}`, () => {
  const sources = [upstream!, shared('standin')!]
  const open = (options: ModelStoreOptions = {}) => {
    const warnings: string[] = []
    const store = new ModelStore({
      cacheDir: join(folder, 'cache'),
      sources,
      offline: true,
      onWarning: (message) => warnings.push(message),
      ...options,
    })
    return { store, warnings }
  }

  it('pulls from local folders, verifies, and says each time that a stand-in is used', async () => {
    const { store, warnings } = open()
    await store.pull(['mb05', 'faceboxes', 'ultraface', 'yunet', 'bfm'])
    expect((await store.verify(['mb05', 'faceboxes', 'ultraface', 'yunet', 'bfm'])).every(({ ok }) => ok)).toBe(true)
    expect(warnings).toEqual([])
    const model = await loadMorphableModel(store)
    expect(model.id).toBe('bfm_noneck_v3-standin')
    await store.path('bfm')
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toMatch(/bfm was made from a stand-in for the published configs\/bfm_noneck_v3.pkl/)
    const before = statSync(await store.path('mb05')).mtimeMs
    await store.pull(['mb05'])
    expect(statSync(await store.path('mb05')).mtimeMs).toBe(before)
  })

  it('finds files by repository path, repository name or plain name, and passes over impostors', async () => {
    const { path } = MANIFEST.files.find(({ id }) => id === 'faceboxes')!.source!
    const plain = join(folder, 'plain')
    mkdirSync(join(plain, 'FaceBoxes/weights'), { recursive: true })
    writeFileSync(join(plain, path), 'an impostor')
    cpSync(join(upstream!, '3DDFA_V2', path), join(plain, 'FaceBoxesProd.pth'))
    await open({ sources: [plain] }).store.pull(['faceboxes'])
    writeFileSync(join(plain, 'FaceBoxesProd.pth'), 'another impostor')
    await expect(open({ sources: [plain], cacheDir: join(folder, 'other') }).store.pull(['faceboxes'])).rejects.toThrow(
      /in no local folder and the network is switched off.*--from DIR/,
    )
  })

  it('notices damage, and a cut artefact counts as missing', async () => {
    const { store } = open()
    await store.pull(['faceboxes'])
    const path = await store.path('faceboxes')
    const bytes = readFileSync(path)
    bytes[1000]! ^= 1
    writeFileSync(path, bytes)
    expect(await store.verify(['faceboxes'])).toMatchObject([
      { ok: false, message: expect.stringContaining('damaged') },
    ])
    const record = readFileSync(`${path}.json`)
    for (const damaged of [
      'null',
      '{}',
      JSON.stringify({ importer: 1, bytes: bytes.length, sha256: '', inputs: [null] }),
    ]) {
      writeFileSync(`${path}.json`, damaged)
      await expect(store.path('faceboxes')).rejects.toThrow('3ddfa models pull faceboxes')
      expect((await store.list()).find(({ artifact }) => artifact.id === 'faceboxes')!.state).toBe('missing')
    }
    writeFileSync(`${path}.json`, record)
    writeFileSync(path, bytes.subarray(0, 500))
    const message = expect.stringMatching(`^damaged: 500 bytes in place of ${bytes.length}; remove `)
    for (const found of [await store.verify(), await store.verify(['faceboxes'])])
      expect(found).toEqual([{ id: 'faceboxes', ok: false, message }])
    await expect(store.path('faceboxes')).rejects.toThrow('3ddfa models pull faceboxes')
    expect(readFileSync(await store.ensure('faceboxes')).length).toBe(bytes.length)
  })

  it('names a face model that was damaged on the disk, and what to do', async () => {
    const { store } = open()
    const path = await store.ensure('bfm')
    await loadMorphableModel(store)
    const bytes = readFileSync(path)
    const header = Number(bytes.readBigUInt64LE(0))
    const { triangles } = JSON.parse(bytes.toString('latin1', 8, 8 + header))
    bytes.fill(0xff, 8 + header + triangles.data_offsets[0], 8 + header + triangles.data_offsets[0] + 4)
    writeFileSync(path, bytes)
    await expect(loadMorphableModel(store)).rejects.toThrow(`The model bfm is damaged; remove ${path} and pull again.`)
  })

  it('imports a checkpoint of the user, under its content', async () => {
    const { store } = open()
    const path = await store.importCheckpoint(join(upstream!, '3DDFA_V2/weights/mb05_120x120.pth'))
    expect(path).toMatch(/checkpoint-6b7be882d53d.onnx$/)
    expect(
      await store.importLocal('resnet22', { checkpoint: join(upstream!, '3DDFA_V2/weights/mb05_120x120.pth') }),
    ).toMatch(/resnet22.onnx$/)
    await expect(store.importLocal('mb05', { weights: 'x' })).rejects.toThrow(
      /no file weights; it is made from: checkpoint, meanStd/,
    )
    await expect(store.importCheckpoint(join(folder, 'nowhere.pth'))).rejects.toThrow(/Expected a readable file/)
    // A device: reading it would have no end.
    await expect(store.importCheckpoint(devNull)).rejects.toThrow(/Expected a readable file/)
  })

  it("names a face model of the user's files otherwise than the published one", async () => {
    const { store } = open()
    const { blobId: wanted, bytes } = MANIFEST.standIns[0]!
    const published = join(shared('standin')!, 'bfm_noneck_v3.pkl')
    const data = readFileSync(published)
    expect([blobId(data), data.length]).toEqual([wanted, bytes])
    // In the midst of its numbers.
    data[data.length / 2]! ^= 1
    writeFileSync(join(folder, 'own.pkl'), data)
    await store.importLocal('bfm', { bfm: join(folder, 'own.pkl') })
    expect((await loadMorphableModel(store)).id).toBe('bfm_noneck_v3-own')
  })

  it('explains what only the user can bring, and unknown names', async () => {
    const { store } = open()
    await expect(store.pull(['resnet22'])).rejects.toThrow(/3ddfa models import resnet22 --checkpoint/)
    await expect(store.pull(['mb2'])).rejects.toThrow(/no model "mb2"; known are: mb05/)
  })

  it('every pinned blob id and size is that of the published file', async () => {
    const manifest: Manifest = { ...MANIFEST, standIns: [] }
    const { store } = open({ manifest })
    const here = MANIFEST.artifacts
      .filter(({ id }) => ['mb05', 'faceboxes', 'ultraface', 'yunet'].includes(id))
      .map(({ id }) => id)
    await store.pull(here)
    await expect(store.pull(['bfm'])).rejects.toThrow(/bfm is in no local folder/)
  })
})
