const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** Ctrl-C during long work, or a closed terminal: the first one lets it come to an end, a second one exits at once. */
export class Interrupt {
  /** The exit code that tells of it; undefined when nobody interrupted. */
  exitCode: number | undefined
  readonly #before = new Map<NodeJS.Signals, NodeJS.SignalsListener[]>()

  /** @param onFirst asks the work to end early. */
  constructor(onFirst: () => void) {
    for (const [signal, code] of Object.entries(SIGNALS) as [NodeJS.Signals, number][]) {
      this.#before.set(signal, process.listeners(signal) as NodeJS.SignalsListener[])
      process.removeAllListeners(signal)
      process.on(signal, () => {
        if (this.exitCode !== undefined) {
          // A terminal that closes may say so twice: itself and by its shell.
          if (signal !== 'SIGHUP') process.exit(code)
          return
        }
        this.exitCode = code
        onFirst()
      })
    }
  }

  /** Signals mean again what they meant before. */
  release(): void {
    for (const [signal, listeners] of this.#before) {
      process.removeAllListeners(signal)
      for (const listener of listeners) process.on(signal, listener)
    }
  }
}
