import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { loadModule } from './load-module.ts'

describe('loadModule', () => {
  it('says that there is no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    await expect(loadModule({})).rejects.toThrow('There is no WebAssembly here')
  })

  it('takes bytes of another realm', async () => {
    const empty = runInNewContext('Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)') as Uint8Array<ArrayBuffer>
    expect(empty.buffer).not.toBeInstanceOf(ArrayBuffer)
    for (const wasm of [empty, empty.buffer]) expect(await loadModule({ wasm })).toBeInstanceOf(WebAssembly.Module)
  })

  it('says which of its own modules could not be had', async () => {
    for (const name of ['simd', 'scalar'])
      vi.doMock(`./generated/${name}.ts`, () => {
        throw new Error('not here')
      })
    await expect(loadModule({ simd: true })).rejects.toThrow(
      /^Could not load the simd WebAssembly \(.*served whole\.$/s,
    )
    await expect(loadModule({ simd: false })).rejects.toThrow(/^Could not load the scalar WebAssembly \(/)
  })
})
