import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchBytes } from './fetch-bytes.ts'

const url = new URL('https://here.example/model.onnx')

describe('fetchBytes', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('says which bytes broke off on their way', async () => {
    vi.stubGlobal('fetch', async () => broken(new TypeError('network error')))
    await expect(fetchBytes(url)).rejects.toThrow('Could not load https://here.example/model.onnx whole.')
  })

  it('gives the reason of a signal that ended it on its way', async () => {
    vi.stubGlobal('fetch', async () => broken(new TypeError('network error')))
    const signal = AbortSignal.abort(new Error('another choice'))
    await expect(fetchBytes(url, undefined, signal)).rejects.toThrow('another choice')
  })
})

/** An answer of which only the beginning arrives. */
function broken(error: Error): Response {
  const start = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(Uint8Array.of(1, 2, 3)),
    pull: (controller) => controller.error(error),
  })
  return new Response(start)
}
