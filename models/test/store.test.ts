import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { random } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'
import { MANIFEST, type Manifest, type UpstreamFile } from '../src/index.ts'
import { type ArtifactStatus, loadMorphableModel, ModelStore, type ModelStoreOptions } from '../src/node.ts'
import { download } from '../src/store/download.ts'
import { mobileNetV1 } from './networks.ts'
import { statistics } from './statistics.ts'
import { torchZip } from './torch-file.ts'

const blobId = (data: Uint8Array) => createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex')
const next = random(21)
const content = Uint8Array.from({ length: 300_000 }, () => next() * 256)
const source = { repository: 'someone/models', commit: 'abc', path: 'weights/net.bin' }
const file = { id: 'net', source, bytes: content.length, blobId: blobId(content), licence: 'MIT' as const }

let folder: string
let server: Server | undefined
let requests: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), '3ddfa-store-'))
  requests = []
})
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  server?.closeAllConnections()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
})

/** Serves on the loopback interface; the answer depends on how many requests came before. */
async function serve(...answers: RequestListener[]): Promise<() => string> {
  server = createServer((request, response) => {
    requests.push(request.headers.range ?? 'whole')
    answers[Math.min(requests.length, answers.length) - 1]!(request, response)
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return () => `http://127.0.0.1:${port}/net.bin`
}

const whole: RequestListener = (_, response) =>
  void response.writeHead(200, { 'content-length': content.length }).end(content)
const ranged: RequestListener = (request, response) => {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  response
    .writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from, etag: '"v1"' })
    .end(content.subarray(from))
}
const truncated: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': content.length, etag: '"v1"' })
  response.write(content.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20))
}
const status =
  (code: number): RequestListener =>
  (_, response) =>
    void response.writeHead(code).end()
const wrong: RequestListener = (_, response) => void response.writeHead(200).end(Buffer.alloc(content.length))
const silent: RequestListener = (_, response) => void response.writeHead(200).flushHeaders()

describe('download', () => {
  const get = (url: () => string, options = {}, pinned: UpstreamFile = file) =>
    download(pinned, join(folder, 'net'), { fetch, url, retries: 2, timeout: 5_000, backoff: 1, ...options })
  const arrived = () => Buffer.compare(readFileSync(join(folder, 'net')), content) === 0

  it('brings a file, reports progress to its end, and leaves nothing else', async () => {
    let last = [0, 0]
    await get(await serve(whole), {
      onProgress: (_: string, received: number, total: number) => (last = [received, total]),
    })
    expect(arrived()).toBe(true)
    expect(last).toEqual([content.length, content.length])
    expect(readdirSync(folder)).toEqual(['net'])
  })

  it('continues after a broken connection', async () => {
    await get(await serve(truncated, ranged))
    expect(arrived()).toBe(true)
    expect(requests[0]).toBe('whole')
    expect(requests[1]).toMatch(/^bytes=[1-9]\d*-$/)
  })

  it.each([
    ['"v1"', '"v1"'],
    ['W/"v1"', undefined],
  ])(
    'asks for the rest under a strong ETag alone, since a weak one promises no equal bytes: %s',
    async (etag, condition) => {
      const conditions: unknown[] = []
      const broken: RequestListener = (_, response) => {
        response.writeHead(200, { 'content-length': content.length, etag })
        response.write(content.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20))
      }
      const rest: RequestListener = (request, response) => {
        conditions.push(request.headers['if-range'])
        ranged(request, response)
      }
      await get(await serve(broken, rest))
      expect(conditions).toEqual([condition])
    },
  )

  it('copes with a server that ignores the range', async () => {
    await get(await serve(truncated, whole))
    expect(arrived()).toBe(true)
  })

  it('tries again after a server error, and says the last reason when it gives up', async () => {
    await get(await serve(status(503), whole))
    expect(arrived()).toBe(true)
    rmSync(join(folder, 'net'))
    requests = []
    await expect(get(await serve(status(500)))).rejects.toThrow(
      /net could not be downloaded from .*: the server answered 500/,
    )
    expect(requests).toHaveLength(3)
  })

  it('does not try again what will not change', async () => {
    await expect(get(await serve(status(404)))).rejects.toThrow(/answered 404/)
    expect(requests).toHaveLength(1)
  })

  it('refuses other content of the right size, and leaves nothing that is trusted', async () => {
    await expect(get(await serve(wrong))).rejects.toThrow(/not the pinned one/)
    expect(readdirSync(folder)).toEqual([])
  })

  it('compares the sha256 where it is known, since blob ids are sha1', async () => {
    const sha256 = createHash('sha256').update(content).digest('hex')
    const url = await serve(whole)
    await expect(get(url, {}, { ...file, sha256: sha256.replace(/^./, 'x') })).rejects.toThrow(/another sha256/)
    expect(readdirSync(folder)).toEqual([])
    await get(url, {}, { ...file, sha256 })
    expect(arrived()).toBe(true)
  })

  it('starts anew when what was begun does not fit the rest', async () => {
    writeFileSync(join(folder, 'net.part'), Buffer.alloc(1000))
    await get(await serve(ranged))
    expect(arrived()).toBe(true)
  })

  it('gives up on a connection that brings nothing', async () => {
    await expect(get(await serve(silent), { timeout: 150, retries: 0 })).rejects.toThrow(/nothing came for 0.15 s/)
  })

  it('ends when the caller says so: while it waits, between attempts and for a lock, with the reason given', async () => {
    const gone = new Error('the user left')
    const aborted = async (url: () => string, options = {}) => {
      const controller = new AbortController()
      const call = get(url, { signal: controller.signal, retries: 5, ...options })
      setTimeout(() => controller.abort(gone), 50)
      return expect(call).rejects.toBe(gone)
    }
    await aborted(await serve(silent))
    expect(requests).toHaveLength(1)
    await aborted(await serve(status(503)), { backoff: 60_000 })
    writeFileSync(join(folder, 'net.lock'), '1\n')
    await aborted(await serve(whole))
    rmSync(join(folder, 'net.lock'))
    await expect(get(await serve(whole), { signal: AbortSignal.abort(gone) })).rejects.toBe(gone)
    await get(await serve(ranged))
    expect(arrived()).toBe(true)
  })

  it('leaves to the caller what onProgress throws, and says what lies behind its own failures', async () => {
    const own = new TypeError('no such element')
    const onProgress = () => {
      throw own
    }
    await expect(get(await serve(whole), { onProgress })).rejects.toBe(own)
    expect(requests).toHaveLength(1)
    const failure = await get(await serve(status(404))).catch((error: Error) => error)
    expect((failure as Error).cause).toEqual(new Error('the server answered 404'))
  })

  it('two at once do not disturb each other and ask once', async () => {
    const url = await serve(whole)
    await Promise.all([get(url), get(url), get(url)])
    expect(arrived()).toBe(true)
    expect(requests).toHaveLength(1)
  })

  it('takes over the lock of a killed process', async () => {
    writeFileSync(join(folder, 'net.lock'), '1\n')
    utimesSync(join(folder, 'net.lock'), 0, 0)
    await get(await serve(whole))
    expect(arrived()).toBe(true)
  })

  it('killed in the middle, leaves nothing that a later run would trust, and the later run finishes', async () => {
    const slow: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-length': content.length, etag: '"v1"' })
      response.write(content.subarray(0, 150_000))
    }
    const url = await serve(slow, ranged)
    const code = `import { download } from ${JSON.stringify(fileURLToPath(new URL('../src/store/download.ts', import.meta.url)))}
      await download(${JSON.stringify(file)}, ${JSON.stringify(join(folder, 'net'))}, { fetch, url: () => ${JSON.stringify(url())}, retries: 0, timeout: 60000, backoff: 1 })`
    writeFileSync(join(folder, 'child.mts'), code)
    const child = spawn(process.execPath, ['--import', 'tsx', join(folder, 'child.mts')], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: 'inherit',
    })
    while (!(existsSync(join(folder, 'net.part')) && statSync(join(folder, 'net.part')).size >= 150_000))
      await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.on('exit', resolve))
    expect(existsSync(join(folder, 'net'))).toBe(false)
    utimesSync(join(folder, 'net.lock'), 0, 0)
    await get(url)
    expect(arrived()).toBe(true)
  })
})

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
  it('replaces what a stand-in made once the published file is in a local folder, and not before', async () => {
    const [published, standIn] = [0, 1].map((mean) =>
      statistics(new Float32Array(62).fill(mean), new Float32Array(62).fill(1)),
    ) as [Uint8Array, Uint8Array]
    const checkpoint = torchZip(mobileNetV1(next, 0.25).weights)
    const at = (path: string) => ({ ...source, path })
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
    await expect(store.path('faceboxes')).rejects.toThrow('3ddfa models pull faceboxes')
    expect(readFileSync(await store.ensure('faceboxes')).length).toBe(bytes.length)
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
