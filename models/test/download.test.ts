import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
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
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { random } from '../../packages/core/src/testing.ts'
import type { UpstreamFile } from '../src/index.ts'
import { download } from '../src/store/download.ts'
import { blobId } from './blob-id.ts'

const next = random(21)
const content = Uint8Array.from({ length: 300_000 }, () => next() * 256)
const source = { repository: 'someone/models', commit: 'abc', path: 'weights/net.bin' }
const file = { id: 'net', source, bytes: content.length, blobId: blobId(content), licence: 'MIT' as const }

let folder: string
let server: Server | undefined
let requests: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), '3ddfa-download-'))
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
