import { describe, expect, it } from 'vitest'
import { LastChoice } from './last-choice.ts'

describe('LastChoice', () => {
  it('ends a choice when the next one begins, however long its work still takes', async () => {
    const choices = new LastChoice()
    const slow = later()
    const done: string[] = []
    const work = (name: string, until: Promise<void>) =>
      choices.take(async (signal) => {
        await until
        signal.throwIfAborted()
        done.push(name)
      })
    const first = work('first', slow.promise)
    await work('last', Promise.resolve())
    slow.resolve()
    await first
    expect(done).toEqual(['last'])
  })

  it('tells what went wrong with the last choice, and nothing of those before', async () => {
    const choices = new LastChoice()
    const slow = later()
    const first = choices.take(() => slow.promise)
    await expect(choices.take(() => Promise.reject(new Error('last')))).rejects.toThrow('last')
    await choices.take(async () => {})
    slow.reject(new Error('first'))
    await expect(first).resolves.toBeUndefined()
  })

  it('begins at once', () => {
    let signal: AbortSignal | undefined
    const choices = new LastChoice()
    void choices.take(async (given) => {
      signal = given
    })
    expect(signal?.aborted).toBe(false)
    void choices.take(async () => {})
    expect(signal?.aborted).toBe(true)
  })
})

function later(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let [resolve, reject] = [(): void => {}, (_: Error): void => {}]
  const promise = new Promise<void>((...both) => {
    ;[resolve, reject] = both
  })
  return { promise, resolve, reject }
}
