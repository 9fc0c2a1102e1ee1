/** The signal of one request: it aborts with the caller's, and when nothing was heard for `timeout` milliseconds. */
export class StallWatch {
  readonly #controller = new AbortController()
  readonly #timeout: number
  readonly #callers: AbortSignal | undefined
  readonly #abort = (): void => this.#controller.abort(this.#callers?.reason)
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(timeout: number, callers?: AbortSignal) {
    this.#timeout = timeout
    this.#callers = callers
    if (callers?.aborted) this.#abort()
    callers?.addEventListener('abort', this.#abort)
    this.heard()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  heard(): void {
    clearTimeout(this.#timer)
    // setTimeout takes what is no number of 31 bits for 1.
    if (this.#timeout < 2 ** 31)
      this.#timer = setTimeout(
        () => this.#controller.abort(new Error(`nothing came for ${this.#timeout / 1000} s`)),
        this.#timeout,
      )
  }

  /** Nothing more is waited for. A caller's signal may live as long as the page. */
  end(): void {
    clearTimeout(this.#timer)
    this.#callers?.removeEventListener('abort', this.#abort)
  }
}
