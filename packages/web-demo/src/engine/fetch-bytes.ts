/**
 * The bytes behind a URL of the page's own.
 * @param onProgress hears bytes so far and in all; the latter is 0 where the server does not say.
 * @throws {Error} one sentence when they cannot be had; the reason of `signal` once that ends it.
 */
export async function fetchBytes(
  url: URL,
  onProgress: (loaded: number, total: number) => void = () => {},
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, signal ? { signal } : {}).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new Error(`Could not reach ${url.href}.`, { cause })
  })
  if (!response.ok || !response.body) throw new Error(`${url.href} answered ${response.status}.`)
  // The length of a compressed answer is another one.
  const isPlain = !response.headers.get('content-encoding')
  const total = isPlain ? Number(response.headers.get('content-length') ?? 0) : 0
  let loaded = 0
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        loaded += chunk.length
        onProgress(loaded, total)
        controller.enqueue(chunk)
      },
    }),
  )
  const whole = await new Response(counted).arrayBuffer().catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new Error(`Could not load ${url.href} whole.`, { cause })
  })
  return new Uint8Array(whole)
}
