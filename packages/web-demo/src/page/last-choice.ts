/** Of several choices only the last counts: it ends what is still going on of the one before. */
export class LastChoice {
  #controller = new AbortController()

  /**
   * Ends the last choice and begins with the work of a new one, whose signal the next choice ends.
   * @throws what the work throws, unless the choice has been ended: that is of no interest any more.
   */
  async take(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#controller.abort()
    this.#controller = new AbortController()
    const { signal } = this.#controller
    try {
      await work(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}
