/** The browser's Cache API, as far as there is one: a page does without when it is missing, full or broken, and says so once. */
export class ModelCache {
  readonly #name: string | false
  readonly #warn: (message: string) => void
  #warned = false

  constructor(name: string | false, warn: (message: string) => void) {
    this.#name = name
    this.#warn = warn
  }

  match(url: string): Promise<Response | undefined> {
    return this.#try((cache) => cache.match(url))
  }

  async put(url: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#try((cache) => cache.put(url, new Response(body)))
  }

  async delete(url: string): Promise<void> {
    await this.#try((cache) => cache.delete(url))
  }

  /** Removes what lies in the folder and is not named. Folders in it may be another store's. */
  async keepOnly(folder: string, urls: ReadonlySet<string>): Promise<void> {
    const isIn = (url: string): boolean => url.startsWith(folder) && !/^[^?]*\//.test(url.slice(folder.length))
    await this.#try(async (cache) => {
      for (const { url } of await cache.keys()) if (isIn(url) && !urls.has(url)) await cache.delete(url)
    })
  }

  async #try<T>(job: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    if (this.#name === false) return undefined
    try {
      return await job(await caches.open(this.#name))
    } catch (error) {
      if (!this.#warned) this.#warn(`Models are not kept for the next visit: ${reasonOf(error)}.`)
      this.#warned = true
      return undefined
    }
  }
}

function reasonOf(error: unknown): string {
  if (!('caches' in globalThis)) return 'this page has no cache, which takes https or localhost'
  const { name, message = String(error) } = error as Partial<Error>
  return name === 'QuotaExceededError' ? 'the browser has no room left for this site' : message.replace(/\.$/, '')
}
