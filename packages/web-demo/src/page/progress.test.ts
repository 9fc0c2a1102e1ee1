import { describe, expect, it } from 'vitest'
import { sumUp } from './progress.ts'

const part = (loaded: number, total: number, cached = false) => ({ what: 'model', loaded, total, cached })

describe('sumUp', () => {
  it('adds downloads up', () => {
    const sum = sumUp([part(1e6, 2e6), part(5e5, 4e6, true)])
    expect(sum).toEqual({ text: 'Loading models from the network', size: '1.5 of 6.0 MB', share: 0.25 })
    const cached = sumUp([part(1e6, 1e6, true)])
    expect(cached).toEqual({ text: 'Loading models from the cache', size: '1.0 of 1.0 MB', share: 1 })
  })

  it('claims no whole where a server does not tell a size', () => {
    const sum = sumUp([part(2.1e6, 0), part(5e5, 4e6)])
    expect(sum).toEqual({ text: 'Loading models from the network', size: '2.6 MB', share: undefined })
  })
})
