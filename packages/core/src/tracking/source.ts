import { expect } from '../errors.ts'

/** The part of a Web `ReadableStream` that is used; not every browser iterates over streams. */
export interface ReadableStreamLike<T> {
  getReader(): {
    read(): Promise<{ done: boolean; value?: T | undefined }>
    cancel(reason?: unknown): Promise<void>
  }
}

/** The part of `AbortSignal` that is used. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Where frames come from. */
export type FrameSource<T> = AsyncIterable<T> | Iterable<T> | ReadableStreamLike<T>

/**
 * Reads any source one item at a time. `return` ends it at once, even while it waits for an item that never comes: a pending
 * `next` is then done, or rejects with the reason of the signal.
 */
export class SourceReader<T> implements AsyncIterator<T, void> {
  readonly #iterator: AsyncIterator<T, unknown> | Iterator<T, unknown>
  readonly #signal: AbortSignalLike | undefined
  readonly #closed: Promise<IteratorResult<T, void>>
  #end!: (result: IteratorResult<T, void> | Promise<never>) => void
  #isClosed = false
  #isReading = false
  readonly #onAbort = (): void => {
    this.#end(Promise.reject(this.#signal!.reason))
    // What a source says about being closed early matters to nobody any more.
    this.return().catch(() => {})
  }

  constructor(source: FrameSource<T>, signal?: AbortSignalLike) {
    this.#iterator = iteratorOf(source)
    this.#signal = signal
    this.#closed = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#closed.catch(() => {})
    if (signal?.aborted) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort)
  }

  async next(): Promise<IteratorResult<T, void>> {
    if (this.#isClosed) return this.#closed
    this.#isReading = true
    try {
      const item = await Promise.race([this.#iterator.next() as Promise<IteratorResult<T, void>>, this.#closed])
      if (item.done) this.#finish()
      return item.done ? this.#closed : item
    } catch (error) {
      this.#finish()
      throw error
    } finally {
      this.#isReading = false
    }
  }

  /** Closes the source and waits for that, unless the source itself waits for an item: it may do so for ever. */
  async return(): Promise<IteratorReturnResult<void>> {
    if (!this.#isClosed) {
      const isReading = this.#isReading
      this.#finish()
      const closing = Promise.resolve(this.#iterator.return?.())
      if (isReading) closing.catch(() => {})
      else await closing
    }
    return DONE
  }

  #finish(): void {
    this.#isClosed = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#end(DONE)
  }
}

const DONE: IteratorReturnResult<void> = { done: true, value: undefined }

function iteratorOf<T>(source: FrameSource<T>): AsyncIterator<T, unknown> | Iterator<T, unknown> {
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]()
    if (Symbol.iterator in source) return source[Symbol.iterator]()
    if ('getReader' in source) return streamIterator(source.getReader())
  }
  expect(false, 'source', 'an async iterable, an iterable or a ReadableStream', source)
}

function streamIterator<T>(reader: ReturnType<ReadableStreamLike<T>['getReader']>): AsyncIterator<T, void> {
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? { done, value: undefined } : { done: false, value: value as T }
    },
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}
