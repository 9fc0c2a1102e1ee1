import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import type { WebModel } from './web-manifest.ts'
import { WebModelError } from './web-model-error.ts'
import { openWebModelStore, type WebModelStoreOptions } from './web-model-store.ts'

const BASE = 'https://site.test/models/'
const DATA = Uint8Array.from({ length: 5000 }, (_, i) => i)

function entry(id: string, data: Uint8Array, more: Partial<WebModel> = {}): WebModel {
  const sha256 = createHash('sha256').update(data).digest('hex')
  return { id, file: `${id}.onnx`, bytes: data.length, sha256, licences: ['MIT'], notes: [], ...more }
}

/** A server of files by name; counts what it is asked for. */
function server(files: Record<string, Uint8Array | string | Response>) {
  const asked: string[] = []
  const answer = (async (url: string) => {
    const name = url.slice(BASE.length).split('?')[0]!
    asked.push(name)
    const file = files[name]
    if (file === undefined) return new Response('nothing', { status: 404 })
    return file instanceof Response ? file.clone() : new Response(file as BodyInit)
  }) as typeof fetch
  return { asked, fetch: answer, files }
}

/** As much of the Cache API as is used. */
function fakeCaches(fail?: Error) {
  const kept = new Map<string, Response>()
  const cache = {
    match: async (url: string) => kept.get(url)?.clone(),
    put: async (url: string, response: Response) => {
      if (fail) throw fail
      kept.set(url, response)
    },
    delete: async (url: string) => kept.delete(url),
    keys: async () => [...kept.keys()].map((url) => ({ url })),
  }
  vi.stubGlobal('caches', { open: async () => cache })
  return kept
}

const listOf = (...models: WebModel[]) => JSON.stringify({ version: 1, models })

describe('the models of a web server', () => {
  it('leave to the caller what onProgress throws', async () => {
    const own = new TypeError('no such element')
    const cancel = vi.fn()
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(DATA.slice(0, 100)), cancel })
    const answer = (async (url: string) =>
      new Response(url.endsWith('.json') ? listOf(entry('a', DATA)) : body)) as typeof fetch
    const onProgress = () => {
      throw own
    }
    await expect(openWebModelStore({ baseUrl: BASE, fetch: answer }).load('a', { onProgress })).rejects.toBe(own)
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('are verified, kept, and not asked for again', async () => {
    const kept = fakeCaches()
    const { asked, fetch } = server({ 'models.json': listOf(entry('a', DATA)), 'a.onnx': DATA })
    const seen: string[] = []
    const load = () =>
      openWebModelStore({ baseUrl: BASE, fetch }).load('a', {
        onProgress: (p) => seen.push(`${p.loaded}/${p.total} ${p.from}`),
      })
    expect(await load()).toEqual(DATA)
    expect(seen.at(-1)).toBe('5000/5000 network')
    expect(await load()).toEqual(DATA)
    expect(seen.at(-1)).toBe('5000/5000 cache')
    expect(asked).toEqual(['models.json', 'a.onnx', 'models.json'])
    expect(kept.size).toBe(2)
  })

  it.each(['notes', 'licences'])('are not taken from a list with %s that are no texts', async (name) => {
    for (const value of [[5], [null], [{}], 'text']) {
      const { fetch } = server({ 'models.json': listOf(entry('a', DATA, { [name]: value })), 'a.onnx': DATA })
      const onWarning = vi.fn()
      await expect(openWebModelStore({ baseUrl: BASE, fetch, onWarning }).load('a')).rejects.toThrow(
        'The list of models at https://site.test/models/models.json is of another version',
      )
      expect(onWarning).not.toHaveBeenCalled()
    }
  })

  it('work without a network after the first visit', async () => {
    fakeCaches()
    const { fetch } = server({ 'models.json': listOf(entry('a', DATA)), 'a.onnx': DATA })
    await openWebModelStore({ baseUrl: BASE, fetch }).load('a')
    const offline = (async () => Promise.reject(new TypeError('Failed to fetch'))) as typeof globalThis.fetch
    expect(await openWebModelStore({ baseUrl: BASE, fetch: offline }).load('a')).toEqual(DATA)
    fakeCaches()
    await expect(openWebModelStore({ baseUrl: BASE, fetch: offline }).load('a')).rejects.toThrow(
      'Could not reach https://site.test/models/models.json (Failed to fetch).',
    )
  })

  it('are fetched again when what is kept is damaged, and dropped when the list forgets them', async () => {
    const kept = fakeCaches()
    const { asked, fetch, files } = server({ 'models.json': listOf(entry('a', DATA)), 'a.onnx': DATA })
    await openWebModelStore({ baseUrl: BASE, fetch }).load('a')
    const url = [...kept.keys()].find((key) => key.includes('a.onnx'))!
    kept.set(url, new Response(DATA.slice(1)))
    expect(await openWebModelStore({ baseUrl: BASE, fetch }).load('a')).toEqual(DATA)
    expect(asked.filter((name) => name === 'a.onnx')).toHaveLength(2)
    files['models.json'] = listOf()
    await openWebModelStore({ baseUrl: BASE, fetch }).list()
    expect([...kept.keys()]).toEqual([`${BASE}models.json`])
  })

  it('are fetched again when the browser cannot read what it kept', async () => {
    const kept = fakeCaches()
    const { asked, fetch } = server({ 'models.json': listOf(entry('a', DATA)), 'a.onnx': DATA })
    await openWebModelStore({ baseUrl: BASE, fetch }).load('a')
    const url = [...kept.keys()].find((key) => key.includes('a.onnx'))!
    const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError('Failed to fetch')) })
    kept.set(url, new Response(broken))
    expect(await openWebModelStore({ baseUrl: BASE, fetch }).load('a')).toEqual(DATA)
    expect(asked.filter((name) => name === 'a.onnx')).toHaveLength(2)
  })

  it('are those of a new deployment when the old files are gone', async () => {
    const { fetch, files, asked } = server({
      'models.json': listOf(entry('a', DATA, { file: 'a.1.onnx' }), entry('b', DATA, { file: 'b.1.onnx' })),
      'a.1.onnx': DATA,
      'b.1.onnx': DATA,
    })
    const store = openWebModelStore({ baseUrl: BASE, cache: false, fetch })
    await store.load('a')
    delete files['b.1.onnx']
    await expect(store.load('b')).rejects.toThrow('There are no models at https://site.test/models/b.1.onnx')
    files['models.json'] = listOf(entry('b', DATA.slice(7), { file: 'b.2.onnx' }))
    files['b.2.onnx'] = DATA.slice(7)
    expect(await store.load('b')).toEqual(DATA.slice(7))
    expect(asked.slice(-3)).toEqual(['b.1.onnx', 'models.json', 'b.2.onnx'])
  })

  it('of a folder leave those of a folder in it alone', async () => {
    const kept = fakeCaches()
    const inner = { 'open/models.json': listOf(entry('b', DATA)), 'open/b.onnx': DATA }
    const { asked, fetch } = server({ 'models.json': listOf(entry('a', DATA)), 'a.onnx': DATA, ...inner })
    await openWebModelStore({ baseUrl: `${BASE}open/`, fetch }).load('b')
    await openWebModelStore({ baseUrl: BASE, fetch }).load('a')
    expect(kept.size).toBe(4)
    await openWebModelStore({ baseUrl: `${BASE}open/`, fetch }).load('b')
    expect(asked.filter((name) => name === 'open/b.onnx')).toHaveLength(1)
  })

  it('are told to have broken off, or those of the last visit are used, when their list does', async () => {
    const breakingOff = () =>
      new ReadableStream({ pull: (controller) => controller.error(new TypeError('network error')) })
    const { fetch } = server({ 'models.json': listOf(entry('a', DATA)), 'a.onnx': DATA })
    const broken = (async () => new Response(breakingOff())) as typeof globalThis.fetch
    fakeCaches()
    const error = await openWebModelStore({ baseUrl: BASE, fetch: broken })
      .list()
      .catch((e) => e)
    expect(error).toBeInstanceOf(WebModelError)
    expect(error.message).toBe('https://site.test/models/models.json broke off (network error); load the page again.')
    await openWebModelStore({ baseUrl: BASE, fetch }).load('a')
    expect(await openWebModelStore({ baseUrl: BASE, fetch: broken }).load('a')).toEqual(DATA)
  })

  it('are given up when nothing comes any more, and a list of the last visit takes the place of one that hangs', async () => {
    fakeCaches()
    let hanging = false
    const server = createServer(({ url }, response) => {
      if (url === '/models.json')
        return hanging ? undefined : void response.end(listOf(entry('a', DATA), entry('b', DATA)))
      if (url!.startsWith('/b')) return void response.write(DATA.subarray(0, 100))
      response.end(DATA)
    }).listen(0)
    await once(server, 'listening')
    const baseUrl = `http://localhost:${(server.address() as AddressInfo).port}/`
    const open = (options: Partial<WebModelStoreOptions> = {}) => openWebModelStore({ baseUrl, ...options })
    const timeout = 100
    try {
      expect(await open().load('a')).toEqual(DATA)
      await expect(open({ timeout: 1000 }).load('b')).rejects.toThrow(
        'The model b broke off (nothing came for 1 s); load the page again.',
      )
      hanging = true
      expect(await open({ timeout }).load('a')).toEqual(DATA)
      await expect(open({ timeout, cache: false }).load('a')).rejects.toThrow(
        `Could not reach ${baseUrl}models.json (nothing came for 0.1 s).`,
      )
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('need a place', () => {
    expect(() => openWebModelStore({ baseUrl: 'models/' })).toThrow(
      'Expected an absolute URL for baseUrl, since nothing is relative to a program without a page, but received "models/".',
    )
  })

  it('say what is wrong with them', async () => {
    fakeCaches()
    const load = (files: Parameters<typeof server>[0]) =>
      openWebModelStore({ baseUrl: BASE, fetch: server(files).fetch }).load('a')
    const other = listOf(entry('b', DATA))
    await expect(load({ 'models.json': other })).rejects.toThrow(
      'The model a is not at https://site.test/models/ (there are: b); bring it with: 3ddfa models export DIR a',
    )
    await expect(load({})).rejects.toThrow('There are no models at https://site.test/models/models.json')
    const page = new Response('<!doctype html>', { headers: { 'content-type': 'text/html; charset=utf-8' } })
    await expect(load({ 'models.json': page })).rejects.toThrow('There are no models at')
    await expect(load({ 'models.json': '{}' })).rejects.toThrow('of another version')
    await expect(load({ 'models.json': 'no' })).rejects.toThrow('Expected a list of models')
    await expect(load({ 'models.json': 'no' })).rejects.toBeInstanceOf(WebModelError)
    const list = listOf(entry('a', DATA))
    await expect(load({ 'models.json': list, 'a.onnx': DATA.slice(1) })).rejects.toThrow(
      'it has 4999 bytes in place of 5000',
    )
    await expect(load({ 'models.json': list, 'a.onnx': new Uint8Array(6000) })).rejects.toThrow(
      'more than the expected 5000',
    )
    const error = await load({ 'models.json': list, 'a.onnx': new Uint8Array(5000) }).catch((e) => e)
    expect(error).toBeInstanceOf(WebModelError)
    expect(error.message).toContain('its content is not what the list of models says')
    const outside = listOf(entry('a', DATA, { file: '../../secret' }))
    await expect(load({ 'models.json': outside })).rejects.toThrow('of another version')
  })

  it('are used all the same where they cannot be kept', async () => {
    const full = Object.assign(new Error('full'), { name: 'QuotaExceededError' })
    fakeCaches(full)
    const files = { 'models.json': listOf(entry('a', DATA, { notes: ['a stand-in'] })), 'a.onnx': DATA }
    const warnings: string[] = []
    const options = { baseUrl: BASE, fetch: server(files).fetch, onWarning: (text: string) => warnings.push(text) }
    expect(await openWebModelStore(options).load('a')).toEqual(DATA)
    expect(warnings).toEqual([
      'Models are not kept for the next visit: the browser has no room left for this site.',
      'a stand-in',
    ])
    vi.unstubAllGlobals()
    warnings.length = 0
    expect(await openWebModelStore(options).load('a')).toEqual(DATA)
    expect(warnings[0]).toContain('this page has no cache')
    expect(await openWebModelStore({ ...options, cache: false }).load('a')).toEqual(DATA)
  })

  it('are fetched once by workers that want them at the same time', async () => {
    fakeCaches()
    const { asked, fetch } = server({ 'models.json': listOf(entry('a', DATA), entry('b', DATA)), 'a.onnx': DATA })
    // As the browser's: the next one's turn comes when the last one's has ended.
    const turns = new Map<string, Promise<unknown>>()
    const request = (name: string, { signal }: { signal?: AbortSignal }, job: () => Promise<unknown>) => {
      const turn = (turns.get(name) ?? Promise.resolve())
        .catch(() => undefined)
        .then(() => {
          signal?.throwIfAborted()
          return job()
        })
      turns.set(name, turn)
      return turn
    }
    vi.stubGlobal('navigator', { locks: { request } })
    const load = (id: string, signal?: AbortSignal) => openWebModelStore({ baseUrl: BASE, fetch }).load(id, { signal })
    const all = await Promise.allSettled([load('a'), load('a'), load('a', AbortSignal.abort()), load('b'), load('a')])
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(asked.filter((name) => name === 'a.onnx')).toHaveLength(1)
    // A page without an origin of its own has no turns.
    fakeCaches()
    vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(new Error('no origin')) } })
    expect(await load('a')).toEqual(DATA)
    vi.unstubAllGlobals()
  })

  it('can be stopped', async () => {
    vi.unstubAllGlobals()
    const waiting = ((_: string, { signal }: RequestInit) =>
      new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))) as typeof fetch
    const { fetch } = server({ 'models.json': listOf(entry('a', DATA)) })
    const store = openWebModelStore({
      baseUrl: BASE,
      cache: false,
      fetch: ((url: string, init: RequestInit) =>
        url.includes('a.onnx') ? waiting(url, init) : fetch(url, init)) as typeof globalThis.fetch,
    })
    const stop = new AbortController()
    const loading = store.load('a', { signal: stop.signal })
    setTimeout(() => stop.abort(), 10)
    await expect(loading).rejects.toThrow(/abort/)
  })

  it('are not asked for on behalf of who has given up', async () => {
    const asked = vi.fn(async () => Promise.reject(new TypeError('Failed to fetch')))
    const store = openWebModelStore({ baseUrl: BASE, cache: false, fetch: asked as unknown as typeof fetch })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(store.load('a', { signal })).rejects.toThrow('enough')
    await expect(store.list(signal)).rejects.toThrow('enough')
    expect(asked).not.toHaveBeenCalled()
  })

  it('leave nothing on a signal that lives on', async () => {
    const { fetch } = server({ 'models.json': listOf(entry('a', DATA)), 'a.onnx': DATA })
    const { signal } = new AbortController()
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    await openWebModelStore({ baseUrl: BASE, cache: false, fetch }).load('a', { signal })
    expect(added).toHaveBeenCalled()
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(added.mock.calls.map(([, listener]) => listener))
  })

  it('are checked by their length where a page has no hashes, and that is said', async () => {
    vi.stubGlobal('crypto', {})
    const files = { 'models.json': listOf(entry('a', DATA), entry('b', DATA)), 'a.onnx': DATA, 'b.onnx': DATA.slice(1) }
    const warnings: string[] = []
    const store = openWebModelStore({
      baseUrl: BASE,
      cache: false,
      fetch: server(files).fetch,
      onWarning: (text) => warnings.push(text),
    })
    expect(await store.load('a')).toEqual(DATA)
    await expect(store.load('b')).rejects.toThrow('it has 4999 bytes in place of 5000')
    expect(warnings).toEqual([expect.stringContaining('only the length is checked')])
    vi.unstubAllGlobals()
  })

  it('do without a cache that breaks', async () => {
    const broken = () => Promise.reject(new Error('disk I/O error'))
    vi.stubGlobal('caches', { open: async () => ({ match: broken, put: broken, keys: broken, delete: broken }) })
    const { fetch } = server({ 'models.json': listOf(entry('a', DATA)), 'a.onnx': DATA })
    const warnings: string[] = []
    const store = openWebModelStore({ baseUrl: BASE, fetch, onWarning: (text) => warnings.push(text) })
    expect(await store.load('a')).toEqual(DATA)
    expect(warnings).toEqual(['Models are not kept for the next visit: disk I/O error.'])
    vi.unstubAllGlobals()
  })

  it('come to one caller when another gives up', async () => {
    const { fetch, asked } = server({ 'models.json': listOf(entry('a', DATA)), 'a.onnx': DATA })
    const store = openWebModelStore({ baseUrl: BASE, cache: false, fetch })
    const stop = new AbortController()
    const [given, had] = [store.load('a', { signal: stop.signal }), store.load('a')]
    stop.abort()
    await expect(given).rejects.toThrow(/abort/)
    expect(await had).toEqual(DATA)
    await expect(store.load('a', { signal: stop.signal })).rejects.toThrow(/abort/)
    expect(asked).toEqual(['models.json', 'a.onnx'])
  })
})
