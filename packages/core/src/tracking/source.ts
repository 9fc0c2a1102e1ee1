import { expect } from '../errors.ts'

/** The part of a Web `ReadableStream` that is used; not every browser iterates over streams. */
export interface ReadableStreamLike<T> {
  /** Gives a `StreamReader<T>`. Not said to TypeScript: it would take T from the last overload of the DOM's, which reads bytes. */
  getReader(): unknown
  /** Not called: from here TypeScript knows T. */
  pipeTo?(destination: { getWriter(): { write(chunk?: T): unknown } }): unknown
}

interface StreamReader<T> {
  read(): Promise<{ done: boolean; value?: T | undefined }>
  cancel(reason?: unknown): Promise<void>
  releaseLock?(): void
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
  #isClosed = false
  /** Ends what is waited for, if anything is. */
  #interrupt: (() => void) | undefined
  readonly #onAbort = (): void => {
    // What a source says about being closed early matters to nobody any more.
    this.return().catch(() => {})
  }

  constructor(source: FrameSource<T>, signal?: AbortSignalLike) {
    this.#iterator = iteratorOf(source)
    this.#signal = signal
    if (signal?.aborted) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort)
  }

  async next(): Promise<IteratorResult<T, void>> {
    if (this.#isClosed) return this.#end()
    try {
      const item = (await this.untilClosed(() => this.#iterator.next()))?.value
      if (item && !item.done) return item
      this.#close()
      return this.#end()
    } catch (error) {
      this.#close()
      throw error
    }
  }

  /** What work on an item gives. Waits at most until the source is closed: then it is undefined, and the work is left to itself. */
  // Not Promise.race against one promise for the end: that would hold on to every item until then.
  untilClosed<U>(work: () => U | PromiseLike<U>): Promise<{ value: U } | undefined> {
    return new Promise<{ value: U } | undefined>((resolve, reject) => {
      this.#interrupt = () => resolve(undefined)
      Promise.resolve(work()).then((value) => resolve({ value }), reject)
      if (this.#isClosed) resolve(undefined)
    }).finally(() => {
      this.#interrupt = undefined
    })
  }

  /** Closes the source and waits for that, unless an item is waited for: that may last for ever. */
  async return(): Promise<IteratorReturnResult<void>> {
    if (!this.#isClosed) {
      const interrupt = this.#interrupt
      this.#close()
      // First the reader: a source that fails to close must not leave it waiting.
      interrupt?.()
      const closing = Promise.resolve(this.#iterator.return?.())
      if (interrupt) closing.catch(() => {})
      else await closing
    }
    return DONE
  }

  #close(): void {
    this.#isClosed = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }

  #end(): IteratorReturnResult<void> {
    if (this.#signal?.aborted) throw this.#signal.reason
    return DONE
  }
}

const DONE: IteratorReturnResult<void> = { done: true, value: undefined }

function iteratorOf<T>(source: FrameSource<T>): AsyncIterator<T, unknown> | Iterator<T, unknown> {
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]()
    if (Symbol.iterator in source) return source[Symbol.iterator]()
    if ('getReader' in source) return streamIterator(source.getReader() as StreamReader<T>)
  }
  expect(false, 'source', 'an async iterable, an iterable or a ReadableStream', source)
}

function streamIterator<T>(reader: StreamReader<T>): AsyncIterator<T, void> {
  return {
    async next() {
      const { done, value } = await reader.read()
      if (!done) return { done, value: value as T }
      reader.releaseLock?.()
      return { done, value: undefined }
    },
    async return() {
      try {
        await reader.cancel()
      } finally {
        reader.releaseLock?.()
      }
      return { done: true, value: undefined }
    },
  }
}
