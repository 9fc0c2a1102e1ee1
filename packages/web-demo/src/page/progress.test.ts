import { describe, expect, it } from 'vitest'
import { sumUp } from './progress.ts'

const part = (loaded: number, total: number, cached = false) => ({ what: 'model', loaded, total, cached })

describe('sumUp', () => {
  it('adds downloads up', () => {
    const sum = sumUp([part(1e6, 2e6), part(5e5, 4e6, true)])
    expect(sum).toEqual({ text: 'Loading models from the network', size: '1.5 of 6.0 MB', share: 0.25 })
    const cached = sumUp([part(1e6, 2e6, true)])
    expect(cached).toEqual({ text: 'Loading models from the cache', size: '1.0 of 2.0 MB', share: 0.5 })
  })

  it('is not full before all that is to come has come, nor at the end, when networks start', () => {
    const waiting = sumUp([part(2e6, 2e6, true), part(0, 0)])
    expect(waiting).toEqual({ text: 'Loading models from the cache', size: '2.0 MB', share: undefined })
    expect(sumUp([part(2e6, 2e6), part(1e6, 1e6)])).toEqual({
      text: 'Starting the networks',
      size: '',
      share: undefined,
    })
  })

  it('claims no whole where a server does not tell a size', () => {
    const sum = sumUp([part(2.1e6, 0), part(5e5, 4e6)])
    expect(sum).toEqual({ text: 'Loading models from the network', size: '2.6 MB', share: undefined })
  })
})
