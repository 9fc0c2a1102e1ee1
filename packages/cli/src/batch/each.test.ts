import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { forEachOf } from './each.ts'

/** Counts up to n, and notes how far ahead of the results it was asked. */
function numbers(n: number, done: readonly number[]) {
  const state = { ahead: 0 }
  async function* items() {
    for (let i = 0; i < n; i++) {
      state.ahead = Math.max(state.ahead, i - done.length)
      yield i
    }
  }
  return { state, items: items() }
}

describe.each([true, false])('forEachOf, ordered: %s', (ordered) => {
  it('records every result once, and takes no more items than there is room for', async () => {
    const done: number[] = []
    const { items, state } = numbers(200, done)
    const work = async (i: number) => {
      await sleep((i * 7919) % 5)
      return i
    }
    await forEachOf(items, work, (i) => void done.push(i), { limit: 6, ordered })
    const all = Array.from({ length: 200 }, (_, i) => i)
    if (ordered) expect(done).toEqual(all)
    else expect(done).not.toEqual(all)
    expect(done.toSorted((a, b) => a - b)).toEqual(all)
    expect(state.ahead).toBeLessThanOrEqual(6)
  })

  it('begins nothing after a failure, waits for what was begun, and throws the first', async () => {
    const done: number[] = []
    const begun: number[] = []
    const ended: number[] = []
    const { items } = numbers(100, done)
    const work = async (i: number) => {
      begun.push(i)
      await sleep(i === 0 || i > 10 ? 20 : 1)
      ended.push(i)
      return i
    }
    const record = (i: number) => {
      if (i >= 10) throw new Error(`no room for ${i}`)
      done.push(i)
    }
    await expect(forEachOf(items, work, record, { limit: 4, ordered })).rejects.toThrow(/^no room for 1[0-3]$/)
    expect(begun.length).toBeLessThan(20)
    expect(ended.toSorted((a, b) => a - b)).toEqual(begun)
    expect(done.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('waits for what was begun, and records it, when the items end in an error', async () => {
    const done: number[] = []
    async function* items() {
      yield 0
      throw new Error('no more items')
    }
    const work = async (i: number) => {
      await sleep(20)
      return i
    }
    const all = forEachOf(items(), work, (i) => void done.push(i), { limit: 4, ordered })
    await expect(all).rejects.toThrow('no more items')
    expect(done).toEqual([0])
  })
})
