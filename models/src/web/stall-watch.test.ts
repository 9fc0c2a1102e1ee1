import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StallWatch } from './stall-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a watch over a request', () => {
  it('ends it when nothing was heard for long enough, and not before', () => {
    const watch = new StallWatch(20_000)
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(19_000)
      watch.heard()
    }
    expect(watch.signal.aborted).toBe(false)
    vi.advanceTimersByTime(20_000)
    expect(watch.signal.reason).toEqual(new Error('nothing came for 20 s'))
  })

  it('ends it with the caller, for the reason of the caller', () => {
    const callers = new AbortController()
    const watch = new StallWatch(1000, callers.signal)
    callers.abort('enough')
    expect(watch.signal.reason).toBe('enough')
    expect(new StallWatch(1000, callers.signal).signal.reason).toBe('enough')
  })

  it('waits for ever where it is told to', () => {
    const watch = new StallWatch(Infinity)
    vi.advanceTimersByTime(2 ** 31)
    expect(watch.signal.aborted).toBe(false)
  })

  it('leaves nothing behind', () => {
    const callers = new AbortController()
    const remove = vi.spyOn(callers.signal, 'removeEventListener')
    new StallWatch(1000, callers.signal).end()
    expect(remove).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })
})
