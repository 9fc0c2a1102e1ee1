import type { Backend } from '@3ddfa/core'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { openBackend } from './backends.ts'
import type { Console } from './console.ts'

const createNativeBackend = vi.hoisted(() => vi.fn())
vi.mock('@3ddfa/render-native', () => ({ createNativeBackend }))

const heard = { warn: vi.fn(), detail: vi.fn() }
const console = heard as unknown as Console

beforeEach(() => {
  vi.resetAllMocks()
})

describe('openBackend', () => {
  it('takes the native one where it works, and says nothing', async () => {
    createNativeBackend.mockReturnValue({ id: 'native' } as Backend)
    expect((await openBackend('auto', console)).id).toBe('native')
    expect(heard.warn).not.toHaveBeenCalled()
  })

  it('falls back with one warning; the reasons are details', async () => {
    createNativeBackend.mockImplementation(() => {
      throw new Error('no binary')
    })
    const { id } = await openBackend('auto', console)
    expect(id).not.toBe('native')
    expect(heard.warn.mock.calls).toEqual([
      [`The native mesh backend does not work here (see 3ddfa doctor); ${id} takes its place: same results, slower.`],
    ])
    expect(heard.detail).toHaveBeenCalledWith('The mesh backend native does not work here: no binary.')
  })

  it('fails loudly where a named one does not work', async () => {
    createNativeBackend.mockImplementation(() => {
      throw new Error('no binary')
    })
    await expect(openBackend('native', console)).rejects.toThrow(
      'The mesh backend native does not work here: no binary',
    )
    expect((await openBackend('reference', console)).id).toBe('reference')
    expect(heard.warn).not.toHaveBeenCalled()
  })
})
