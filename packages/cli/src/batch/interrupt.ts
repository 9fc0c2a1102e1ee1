const CODES = { SIGINT: 130, SIGTERM: 143 } as const

export interface Interrupt {
  /** Aborted by the first signal; the second ends the process at once. */
  readonly signal: AbortSignal
  /** The exit code that the signal asks for; none before it came. */
  code(): number | undefined
  /** Gives the signals back to whoever had them. */
  restore(): void
}

/** Takes SIGINT and SIGTERM over, for work on other threads that should come to an end first. */
export function catchInterrupts(onInterrupt: () => void): Interrupt {
  const controller = new AbortController()
  let code: number | undefined
  const restorers = Object.entries(CODES).map(([name, value]) => {
    const before = process.listeners(name as NodeJS.Signals)
    const listener = (): void => {
      if (code !== undefined) process.exit(value)
      code = value
      onInterrupt()
      controller.abort()
    }
    process.removeAllListeners(name)
    process.on(name, listener)
    return () => {
      process.off(name, listener)
      for (const former of before) process.on(name, former)
    }
  })
  const restore = (): void => {
    for (const one of restorers) one()
  }
  return { signal: controller.signal, code: () => code, restore }
}
