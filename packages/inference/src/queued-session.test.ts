import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DisposedError, InvalidInputError, type Tensor } from '@3ddfa/core'
import { describe, expect, it } from 'vitest'
import type { Engine } from './engine.ts'
import { QueuedSession } from './queued-session.ts'

const x = (value: number): { x: Tensor } => ({ x: { type: 'float32', data: Float32Array.of(value), dims: [1] } })

/** Takes as many milliseconds as it is fed, so a queue that did not wait would end out of order. Fails on negatives. */
function slowEngine() {
  const log: string[] = []
  const engine: Engine = {
    inputs: [{ name: 'x', type: 'float32', dims: [1] }],
    outputs: [],
    async run(feeds) {
      const value = feeds.x!.data[0] as number
      log.push(`start ${value}`)
      await new Promise((resolve) => setTimeout(resolve, Math.abs(value)))
      log.push(`end ${value}`)
      if (value < 0) throw new Error('no root')
      return feeds
    },
    async release() {
      log.push('release')
    },
  }
  return { session: new QueuedSession(engine), log }
}

describe('QueuedSession', () => {
  it('runs one after the other, in order, each with its own result', async () => {
    const { session, log } = slowEngine()
    const results = await Promise.all([20, 1, 5].map((value) => session.run(x(value))))
    expect(results.map((result) => result.x!.data[0])).toEqual([20, 1, 5])
    expect(log).toEqual(['start 20', 'end 20', 'start 1', 'end 1', 'start 5', 'end 5'])
  })

  it('leaves the outputs to the caller', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const { session } = slowEngine()
    const output = await (async () => new WeakRef((await session.run(x(1))).x!))()
    await new Promise((resolve) => setTimeout(resolve))
    collectGarbage()
    expect(output.deref()).toBeUndefined()
  })

  it('is released when nobody holds it any more, after its last run and once', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const logs = await (async () => {
      const [forgotten, disposed] = [slowEngine(), slowEngine()]
      void forgotten.session.run(x(30))
      await disposed.session.dispose()
      return [forgotten.log, disposed.log]
    })()
    for (let tries = 0; tries < 100 && !logs[0]!.includes('release'); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      collectGarbage()
    }
    expect(logs).toEqual([['start 30', 'end 30', 'release'], ['release']])
  })

  it('goes on after a run that failed', async () => {
    const { session } = slowEngine()
    const failing = session.run(x(-2))
    const next = session.run(x(1))
    await expect(failing).rejects.toThrow('no root')
    await expect(next).resolves.toEqual(x(1))
  })

  it('rejects bad feeds without bothering the engine', async () => {
    const { session, log } = slowEngine()
    await expect(session.run({})).rejects.toThrow(InvalidInputError)
    expect(log).toEqual([])
  })

  it('disposes once, after the queue, and refuses runs from then on', async () => {
    const { session, log } = slowEngine()
    const running = session.run(x(5))
    const disposals = [session.dispose(), session.dispose()]
    await expect(session.run(x(1))).rejects.toThrow(DisposedError)
    await Promise.all([running, ...disposals, session.dispose()])
    expect(log).toEqual(['start 5', 'end 5', 'release'])
  })

  it('disposes after a failed run too', async () => {
    const { session, log } = slowEngine()
    await Promise.all([expect(session.run(x(-1))).rejects.toThrow(), session.dispose()])
    expect(log.at(-1)).toBe('release')
  })
})
