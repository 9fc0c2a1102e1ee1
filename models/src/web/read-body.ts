import type { StallWatch } from './stall-watch.ts'
import type { WebModel } from './web-manifest.ts'
import { messageOf, WebModelError } from './web-model-error.ts'

/** How far a model is. */
export interface LoadProgress {
  /** Bytes. */
  readonly loaded: number
  readonly total: number
  readonly from: 'cache' | 'network'
}

interface ReadOptions {
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
  readonly watch?: StallWatch | undefined
}

/**
 * The bytes of the response for a model. Stops at one byte more than expected: what is longer is not what was asked for. The
 * expected length is the list's, since the header tells the compressed length where the server compresses.
 * @throws {WebModelError} when it breaks off. What `signal` and `onProgress` throw comes as it is.
 */
export async function readBody(
  response: Response,
  { id, bytes: expected }: WebModel,
  { onProgress, signal, watch }: ReadOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const breakOff = (cause: unknown): never => {
    if (signal?.aborted) throw cause
    throw new WebModelError(`The model ${id} broke off (${messageOf(cause)}); load the page again.`, { cause })
  }
  if (!response.body) return new Uint8Array(await response.arrayBuffer().catch(breakOff))
  const data = new Uint8Array(expected)
  const reader = response.body.getReader()
  let loaded = 0
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(breakOff)
      if (done) return data.subarray(0, loaded)
      watch?.heard()
      if (loaded + value.length > expected) breakOff(new Error(`more than the expected ${expected} bytes came`))
      data.set(value, loaded)
      loaded += value.length
      onProgress?.({ loaded, total: expected, from: 'network' })
    }
  } finally {
    // Where nobody wants the rest, it need not come.
    await reader.cancel().catch(() => undefined)
  }
}
