import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { messageOf } from '../errors.ts'

interface Waiting {
  resolve(worker: Worker): void
  reject(error: unknown): void
}

/** No thread can be started any more; says nothing about the job. */
export class BrokenPoolError extends Error {
  override name = 'BrokenPoolError'
}

/**
 * Threads that do one job at a time each. A thread posts one message when it is ready, then one answer to each job; `null`
 * asks it to end. A thread that dies fails its job only: another takes its place.
 */
export class WorkerPool<Job, Answer, Hello> {
  /** What the first thread said when it was ready. */
  readonly hello: Hello
  readonly #create: () => Worker
  readonly #idle: Worker[]
  readonly #waiting: Waiting[] = []
  readonly #starting = new Set<Promise<void>>()
  #broken: BrokenPoolError | undefined
  #closed = false

  private constructor(create: () => Worker, idle: Worker[], hello: Hello) {
    this.#create = create
    this.#idle = idle
    this.hello = hello
  }

  /**
   * Starts all threads; the first alone, so that it may say what is wrong before the others try.
   * @param create is given the number of the thread, from 0.
   * @throws what a thread throws before it is ready.
   */
  static async open<Job, Answer, Hello>(
    count: number,
    create: (index: number) => Worker,
  ): Promise<WorkerPool<Job, Answer, Hello>> {
    const first = create(0)
    const hello = (await nextMessage(first)) as Hello
    const workers = [first]
    try {
      for (let i = 1; i < count; i++) workers.push(create(i))
      await Promise.all(workers.slice(1).map(nextMessage))
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.terminate()))
      throw error
    }
    return new WorkerPool(() => create(count), workers, hello)
  }

  /** @throws {Error} when the thread dies over the job. @throws {BrokenPoolError} */
  async run(job: Job): Promise<Answer> {
    const worker = await this.#take()
    try {
      worker.postMessage(job)
      const answer = (await nextMessage(worker)) as Answer
      this.#give(worker)
      return answer
    } catch (error) {
      this.#replace()
      throw error
    }
  }

  /** Ends the threads and waits for those that are idle; one at work ends after its job. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#starting)
    await Promise.all(
      this.#idle.splice(0).map(async (worker) => {
        const ended = once(worker, 'exit')
        worker.postMessage(null)
        await ended
      }),
    )
  }

  #take(): Promise<Worker> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    if (this.#closed) return Promise.reject(new Error('The pool is closed.'))
    const worker = this.#idle.pop()
    if (worker) return Promise.resolve(worker)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #give(worker: Worker): void {
    const next = this.#waiting.shift()
    if (next) next.resolve(worker)
    else if (this.#closed) worker.postMessage(null)
    else this.#idle.push(worker)
  }

  #replace(): void {
    const worker = this.#create()
    const started = nextMessage(worker)
      .then(
        () => this.#give(worker),
        (error) => {
          this.#broken = new BrokenPoolError(messageOf(error), { cause: error })
          for (const { reject } of this.#waiting.splice(0)) reject(this.#broken)
        },
      )
      .finally(() => this.#starting.delete(started))
    this.#starting.add(started)
  }
}

/** The next message of a thread. @throws when it dies instead. */
async function nextMessage(worker: Worker): Promise<unknown> {
  if (worker.threadId === -1) throw new Error('the thread has ended')
  const stop = new AbortController()
  const died = once(worker, 'exit', { signal: stop.signal }).then(([code]) => {
    throw new Error(`the thread ended with code ${code}`)
  })
  try {
    // `once` rejects on an `error` event.
    const [message] = await Promise.race([once(worker, 'message', { signal: stop.signal }), died])
    return message
  } finally {
    died.catch(() => {})
    stop.abort()
  }
}
