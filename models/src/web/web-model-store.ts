import { ModelCache } from './model-cache.ts'
import { type LoadProgress, readBody } from './read-body.ts'
import { parseWebManifest, WEB_MANIFEST, type WebManifest, type WebModel } from './web-manifest.ts'
import { messageOf, WebModelError } from './web-model-error.ts'

export interface WebModelStoreOptions {
  /** Folder that `3ddfa models export` wrote, as an absolute URL or relative to the page; a trailing slash is added. */
  readonly baseUrl: string | URL
  /** Name of the cache in the browser's Cache API, or false for none. `3ddfa-models` unless given. */
  readonly cache?: string | false | undefined
  /** The global one unless given. */
  readonly fetch?: typeof fetch | undefined
  /** Hears what a user should know: stand-ins, a full or missing cache. Silent unless given. */
  readonly onWarning?: ((message: string) => void) | undefined
}

export interface LoadOptions {
  /** Hears how far it is. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

class UnreachableError extends WebModelError {}

/** Models behind a URL: verified against their list, kept in the Cache API, so that a second visit loads nothing. */
export class WebModelStore {
  readonly baseUrl: string
  readonly #options: WebModelStoreOptions
  readonly #cache: ModelCache
  #manifest: Promise<WebManifest> | undefined
  #warnedOfHashes = false

  constructor(options: WebModelStoreOptions) {
    const base = (globalThis as { readonly location?: { readonly href: string } }).location?.href
    this.baseUrl = new URL(String(options.baseUrl).replace(/\/?$/, '/'), base).href
    this.#options = options
    this.#cache = new ModelCache(options.cache ?? '3ddfa-models', (message) => options.onWarning?.(message))
  }

  /** What there is. @throws {WebModelError} when the list cannot be had. */
  async list(signal?: AbortSignal): Promise<readonly WebModel[]> {
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
    const bytes = (await this.#cached(model)) ?? (await this.#download(model, onProgress, signal))
    onProgress?.({ loaded: model.bytes, total: model.bytes, from: bytes.from })
    return bytes.data
  }

  async #readManifest(): Promise<WebManifest> {
    const url = `${this.baseUrl}${WEB_MANIFEST}`
    const response = await this.#request(url, undefined, 'no-cache').catch(async (error: unknown) => {
      // Without a network the models of the last visit still work.
      const kept = error instanceof UnreachableError ? await this.#cache.match(url) : undefined
      if (!kept) throw error
      return kept
    })
    const text = await response.text()
    const manifest = parseWebManifest(text, url)
    await this.#cache.put(url, text)
    await this.#cache.keepOnly(this.baseUrl, new Set([url, ...manifest.models.map((model) => this.#url(model))]))
    return manifest
  }

  async #cached(model: WebModel): Promise<{ data: Uint8Array<ArrayBuffer>; from: 'cache' } | undefined> {
    const kept = await this.#cache.match(this.#url(model))
    if (!kept) return undefined
    const data = new Uint8Array(await kept.arrayBuffer())
    if ((await problemOf(data, model)) === undefined) return { data, from: 'cache' }
    await this.#cache.delete(this.#url(model))
    return undefined
  }

  async #download(
    model: WebModel,
    onProgress: LoadOptions['onProgress'],
    signal: AbortSignal | undefined,
  ): Promise<{ data: Uint8Array<ArrayBuffer>; from: 'network' }> {
    const url = this.#url(model)
    const response = await this.#request(url, signal)
    const data = await readBody(response, model, onProgress, signal)
    const problem = await problemOf(data, model)
    if (problem) throw new WebModelError(`The model ${model.id} from ${url} is damaged: ${problem}.`)
    await this.#cache.put(url, data)
    return { data, from: 'network' }
  }

  async #request(url: string, signal: AbortSignal | undefined, cache: RequestCache = 'default'): Promise<Response> {
    const ask = this.#options.fetch ?? fetch
    const response = await ask(url, { cache, ...(signal && { signal }) }).catch((cause: unknown) => {
      if (signal?.aborted) throw cause
      throw new UnreachableError(`Could not reach ${url} (${messageOf(cause)}).`, { cause })
    })
    const page = response.headers.get('content-type')?.startsWith('text/html')
    // Servers of single-page applications answer anything with their page.
    if (response.status === 404 || (response.ok && page))
      throw new WebModelError(`There are no models at ${url}; bring them there with: 3ddfa models export DIR`)
    if (!response.ok) throw new WebModelError(`${url} answered ${response.status} ${response.statusText}.`)
    return response
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

/** Only pages of a secure origin have them. */
function hashes(): SubtleCrypto | undefined {
  return globalThis.crypto?.subtle as SubtleCrypto | undefined
}

/** The outcome of what callers share, unless this one gives up before: it goes on for the others. */
async function orAbort<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return shared
  signal.throwIfAborted()
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
