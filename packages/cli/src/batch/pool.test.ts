import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { BrokenPoolError, WorkerPool } from './pool.ts'

// Doubles numbers; dies of 13 and of 14, each in its own way.
const CODE = `
  const { parentPort: port, threadId, workerData } = require('node:worker_threads')
  if (workerData.broken) throw new Error('no models here')
  port.on('message', (job) => {
    if (job === null) return port.close()
    if (job === 13) throw new Error('bad luck')
    if (job === 14) process.exit(3)
    setTimeout(() => port.postMessage({ twice: 2 * job, threadId }), 5)
  })
  port.postMessage('hello')
`
const create = (broken = false) => new Worker(CODE, { eval: true, workerData: { broken }, stderr: true })
type Answer = { twice: number; threadId: number }

/** A pool of one thread, and with what codes its threads have ended. */
async function openOne() {
  const ended: Promise<unknown>[] = []
  const pool = await WorkerPool.open<number, Answer, string>(1, () => {
    const worker = create()
    ended.push(new Promise((resolve) => worker.on('exit', resolve)))
    return worker
  })
  return { pool, ended }
}

describe('WorkerPool', () => {
  it('does more jobs than there are threads, on all of them', async () => {
    const pool = await WorkerPool.open<number, Answer, string>(3, () => create())
    expect(pool.hello).toBe('hello')
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => pool.run(i)))
    expect(answers.map(({ twice }) => twice)).toEqual(Array.from({ length: 12 }, (_, i) => 2 * i))
    expect(new Set(answers.map(({ threadId }) => threadId)).size).toBe(3)
    await pool.close()
  })

  it.each([
    [13, 'bad luck'],
    [14, 'the thread ended with code 3'],
  ])('fails only the job %d that ends its thread', async (job, message) => {
    const pool = await WorkerPool.open<number, Answer, string>(1, () => create())
    const results = await Promise.allSettled([1, job, 2, job, 3].map((n) => pool.run(n)))
    expect(results.map((r) => (r.status === 'fulfilled' ? r.value.twice : r.reason.message))).toEqual([
      2,
      message,
      4,
      message,
      6,
    ])
    await pool.close()
  })

  it('ends also the thread that takes the place of one that died over the last job', async () => {
    const { pool, ended } = await openOne()
    await expect(pool.run(14)).rejects.toThrow()
    await pool.close()
    expect(await Promise.all(ended)).toEqual([3, 0])
  })

  it('ends a thread that is handed back after closing, and takes no more jobs', async () => {
    const { pool, ended } = await openOne()
    const job = pool.run(4)
    await pool.close()
    expect((await job).twice).toBe(8)
    expect(await Promise.all(ended)).toEqual([0])
    await expect(pool.run(5)).rejects.toThrow('The pool is closed.')
  })

  it('says why a thread cannot start, first or later', async () => {
    await expect(WorkerPool.open(2, () => create(true))).rejects.toThrow('no models here')
    await expect(WorkerPool.open(2, (index) => create(index === 1))).rejects.toThrow('no models here')
    let started = 0
    const pool = await WorkerPool.open<number, Answer, string>(1, () => create(started++ > 0))
    const results = await Promise.allSettled([13, 1, 2].map((n) => pool.run(n)))
    expect(results.map((r) => (r.status === 'rejected' ? r.reason.message : 'done'))).toEqual([
      'bad luck',
      'no models here',
      'no models here',
    ])
    // A picture that nobody looked at has not failed.
    expect(results.map((r) => r.status === 'rejected' && r.reason instanceof BrokenPoolError)).toEqual([
      false,
      true,
      true,
    ])
    await pool.close()
  })
})
