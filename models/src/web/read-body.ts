/** How far a model is. */
export interface LoadProgress {
  /** Bytes. */
  readonly loaded: number
  readonly total: number
  readonly from: 'cache' | 'network'
}

/**
 * A response's bytes. Stops at one byte more than expected: what is longer is not what was asked for.
 * @param expected in bytes; the header tells the compressed length where the server compresses.
 */
export async function readBody(
  response: Response,
  expected: number,
  onProgress?: (progress: LoadProgress) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.body) return new Uint8Array(await response.arrayBuffer())
  const data = new Uint8Array(expected)
  const reader = response.body.getReader()
  let loaded = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    if (loaded + value.length > expected) {
      await reader.cancel()
      throw new Error(`more than the expected ${expected} bytes came`)
    }
    data.set(value, loaded)
    loaded += value.length
    onProgress?.({ loaded, total: expected, from: 'network' })
  }
  return data.subarray(0, loaded)
}
