import { describe, expect, it, vi } from 'vitest'
import { loadModule } from './load-module.ts'

describe('loadModule', () => {
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
