import { ModelCache } from './model-cache.ts'
import { type LoadProgress, readBody } from './read-body.ts'
import { StallWatch } from './stall-watch.ts'
import { parseWebManifest, WEB_MANIFEST, type WebManifest, type WebModel } from './web-manifest.ts'
import { messageOf, WebModelError } from './web-model-error.ts'

export interface WebModelStoreOptions {
  /**
   * Folder that `3ddfa models export` wrote; a trailing slash is added. An absolute URL, or relative to the page; in a worker relative to
   * its script, which bundlers move: hand it the page's `new URL('models/', document.baseURI).href`.
   */
  readonly baseUrl: string | URL
  /** Name of the cache in the browser's Cache API, or false for none. `3ddfa-models` unless given. */
  readonly cache?: string | false | undefined
  /** The global one unless given. */
  readonly fetch?: typeof fetch | undefined
  /** Milliseconds after which a request is given up when nothing comes; 20,000 unless given. */
  readonly timeout?: number | undefined
  /** Hears what a user should know: stand-ins, a full or missing cache. Silent unless given. */
  readonly onWarning?: ((message: string) => void) | undefined
}

export interface LoadOptions {
  /** Hears how far it is. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const TIMEOUT = 20_000

class UnreachableError extends WebModelError {}
class MissingError extends WebModelError {}

/** Models behind a URL: verified against their list, kept in the Cache API, so that a second visit or worker loads nothing. */
export class WebModelStore {
  readonly baseUrl: string
  readonly #options: WebModelStoreOptions
  readonly #cache: ModelCache
  #manifest: Promise<WebManifest> | undefined
  #warnedOfHashes = false

  /** @throws {WebModelError} when `baseUrl` is none, or relative where there is nothing that it could be relative to. */
  constructor(options: WebModelStoreOptions) {
    this.baseUrl = folderUrl(String(options.baseUrl))
    this.#options = options
    this.#cache = new ModelCache(options.cache ?? '3ddfa-models', (message) => options.onWarning?.(message))
  }

  /** What there is. @throws {WebModelError} when the list cannot be had. */
  async list(signal?: AbortSignal): Promise<readonly WebModel[]> {
    signal?.throwIfAborted()
    this.#manifest ??= this.#readManifest().catch((error: unknown) => {
      this.#manifest = undefined
      throw error
    })
    return (await orAbort(this.#manifest, signal)).models
  }

  /**
   * The bytes of a model; the caller's to keep.
   * @throws {WebModelError} when it is not there, cannot be fetched or is damaged.
   */
  async load(id: string, { onProgress, signal }: LoadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const models = await this.list(signal)
    const model = models.find((candidate) => candidate.id === id)
    if (!model)
      throw new WebModelError(
        `The model ${id} is not at ${this.baseUrl} (there are: ${models.map((m) => m.id).join(', ') || 'none'}); bring it with: 3ddfa models export DIR ${id}`,
      )
    for (const note of model.notes) this.#options.onWarning?.(note)
    this.#warnOfMissingHashes()
    const { data, from } =
      (await this.#cached(model)) ??
      (await this.#inTurn(model, signal, () => this.#download(model, onProgress, signal)).catch(
        async (error: unknown) => {
          const successor = error instanceof MissingError && (await this.#successor(model, signal))
          if (!successor) throw error
          return this.#download(successor, onProgress, signal)
        },
      ))
    onProgress?.({ loaded: data.length, total: data.length, from })
    return data
  }

  /** What a new deployment has in place of a model of the list that is known. */
  async #successor(model: WebModel, signal: AbortSignal | undefined): Promise<WebModel | undefined> {
    this.#manifest = undefined
    const found = (await this.list(signal)).find(({ id }) => id === model.id)
    return found && this.#url(found) !== this.#url(model) ? found : undefined
  }

  async #readManifest(): Promise<WebManifest> {
    const url = `${this.baseUrl}${WEB_MANIFEST}`
    const text = await this.#requestText(url).catch(async (error: unknown) => {
      // Without a network the models of the last visit still work.
      const kept = error instanceof UnreachableError ? await this.#cache.match(url) : undefined
      const known = await kept?.text().catch(() => undefined)
      if (known === undefined) throw error
      return known
    })
    const manifest = parseWebManifest(text, url)
    await this.#cache.put(url, text)
    await this.#cache.keepOnly(this.baseUrl, new Set([url, ...manifest.models.map((model) => this.#url(model))]))
    return manifest
  }

  async #cached(model: WebModel): Promise<{ data: Uint8Array<ArrayBuffer>; from: 'cache' } | undefined> {
    const kept = await this.#cache.match(this.#url(model))
    if (!kept) return undefined
    // What the browser cannot read is damaged like any other.
    const data = new Uint8Array(await kept.arrayBuffer().catch(() => new ArrayBuffer(0)))
    if ((await problemOf(data, model)) === undefined) return { data, from: 'cache' }
    await this.#cache.delete(this.#url(model))
    return undefined
  }

  /** Workers and pages of a site that want the same model at once wait for the first of them, and have what it kept. */
  async #inTurn<T>(model: WebModel, signal: AbortSignal | undefined, download: () => Promise<T>) {
    const { locks } = globalThis.navigator ?? {}
    if (!locks || this.#options.cache === false) return download()
    let hasTurn = false
    const turn = async () => {
      hasTurn = true
      return (await this.#cached(model)) ?? download()
    }
    return locks.request(this.#url(model), signal ? { signal } : {}, turn).catch((error: unknown) => {
      // Pages without an origin of their own get no turn.
      if (hasTurn || signal?.aborted) throw error
      return download()
    })
  }

  async #download(
    model: WebModel,
    onProgress: LoadOptions['onProgress'],
    signal: AbortSignal | undefined,
  ): Promise<{ data: Uint8Array<ArrayBuffer>; from: 'network' }> {
    const url = this.#url(model)
    const data = await this.#request(url, { signal }, (response, watch) =>
      readBody(response, model, { onProgress, signal, watch }),
    )
    const problem = await problemOf(data, model)
    if (problem) throw new WebModelError(`The model ${model.id} from ${url} is damaged: ${problem}.`)
    await this.#cache.put(url, data)
    return { data, from: 'network' }
  }

  async #requestText(url: string): Promise<string> {
    return this.#request(url, { cache: 'no-cache' }, (response) =>
      response.text().catch((cause: unknown) => {
        throw new UnreachableError(`${url} broke off (${messageOf(cause)}); load the page again.`, { cause })
      }),
    )
  }

  /** What `read` makes of the answer. */
  async #request<T>(
    url: string,
    { signal, cache }: { readonly signal?: AbortSignal | undefined; readonly cache?: RequestCache },
    read: (response: Response, watch: StallWatch) => Promise<T>,
  ): Promise<T> {
    const ask = this.#options.fetch ?? fetch
    const watch = new StallWatch(this.#options.timeout ?? TIMEOUT, signal)
    try {
      const response = await ask(url, { cache: cache ?? 'default', signal: watch.signal }).catch((cause: unknown) => {
        if (signal?.aborted) throw cause
        throw new UnreachableError(`Could not reach ${url} (${messageOf(cause)}).`, { cause })
      })
      watch.heard()
      const page = response.headers.get('content-type')?.startsWith('text/html')
      // Servers of single-page applications answer anything with their page.
      if (response.status === 404 || (response.ok && page))
        throw new MissingError(`There are no models at ${url}; bring them there with: 3ddfa models export DIR`)
      if (!response.ok) throw new WebModelError(`${url} answered ${response.status} ${response.statusText}.`)
      return await read(response, watch)
    } finally {
      watch.end()
    }
  }

  #url({ file, sha256 }: WebModel): string {
    return `${this.baseUrl}${file}?sha256=${sha256}`
  }

  #warnOfMissingHashes(): void {
    if (hashes() || this.#warnedOfHashes) return
    this.#warnedOfHashes = true
    this.#options.onWarning?.(
      'Of the models only the length is checked: this page cannot compute hashes, which takes https or localhost.',
    )
  }
}

/** Models behind a URL. Nothing is fetched before it is asked for. */
export function openWebModelStore(options: WebModelStoreOptions): WebModelStore {
  return new WebModelStore(options)
}

function folderUrl(text: string): string {
  const base = (globalThis as { readonly location?: { readonly href: string } }).location?.href
  try {
    return new URL(text.replace(/\/?$/, '/'), base).href
  } catch {
    throw new WebModelError(
      `Expected an absolute URL for baseUrl, since nothing is relative to ${base ?? 'a program without a page'}, but received "${text}".`,
    )
  }
}

/** Only pages of a secure origin have them. */
function hashes(): SubtleCrypto | undefined {
  return globalThis.crypto?.subtle as SubtleCrypto | undefined
}

/** The outcome of what callers share, unless this one gives up before: it goes on for the others. */
async function orAbort<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return shared
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    // A signal may live as long as the page.
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** What is wrong with a model's bytes, or undefined. Without hashes the length must do. */
async function problemOf(data: Uint8Array<ArrayBuffer>, { bytes, sha256 }: WebModel): Promise<string | undefined> {
  if (data.length !== bytes) return `it has ${data.length} bytes in place of ${bytes}`
  const subtle = hashes()
  if (!subtle) return undefined
  const hash = new Uint8Array(await subtle.digest('SHA-256', data))
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex === sha256 ? undefined : 'its content is not what the list of models says'
}
