/** Words for people. They go to stderr, so that stdout carries results alone. */
export interface Console {
  /** Progress and results; silent under --quiet. */
  info(line: string): void
  /** Something went another way than asked; silent under --quiet. */
  warn(line: string): void
  /** Details; only under --verbose. */
  detail(line: string): void
  /** A failure; never silent. */
  error(line: string): void
  /** A progress bar on a terminal; nothing elsewhere. */
  progress(total: number, unit: string): Promise<Progress>
  /** The same around some work; the bar stops however the work ends, since a bar that goes on keeps the process alive. */
  withProgress<T>(total: number, unit: string, work: (progress: Progress) => Promise<T>): Promise<T>
}

interface Progress {
  /** @param label what is being done now. @param total where it is another one by now. */
  update(done: number, label: string, total?: number): void
  stop(): void
}

/** On one line, and without what a terminal takes as orders: names of files can hold anything. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '\ufffd')
}

export interface ConsoleOptions {
  readonly quiet?: boolean | undefined
  readonly verbose?: boolean | undefined
}

export function createConsole({ quiet = false, verbose = false }: ConsoleOptions = {}): Console {
  let bar: Progress | undefined
  // A line printed over a bar takes its place; the bar draws itself again below.
  const print = (line: string) => process.stderr.write(`${bar ? '\r\x1b[K' : ''}${printable(line)}\n`)
  const silent = () => {}
  const progress: Console['progress'] = async (total, unit) => {
    if (quiet || !process.stderr.isTTY) return { update() {}, stop() {} }
    const started = await startBar(total, unit)
    bar = started
    return {
      ...started,
      stop() {
        started.stop()
        bar = undefined
      },
    }
  }
  return {
    info: quiet ? silent : print,
    warn: quiet ? silent : (line) => print(`Warning: ${line}`),
    detail: verbose && !quiet ? print : silent,
    error: (line) => print(`Error: ${line}`),
    progress,
    async withProgress(total, unit, work) {
      const shown = await progress(total, unit)
      try {
        return await work(shown)
      } finally {
        shown.stop()
      }
    },
  }
}

/** The bar appears with the first update: what takes no time shows none. */
async function startBar(total: number, unit: string): Promise<Progress> {
  const { default: cliProgress } = await import('cli-progress')
  const bar = new cliProgress.SingleBar(
    {
      format: `{bar} {percentage}% of {total} ${unit}  {label}`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: false,
      linewrap: false,
      forceRedraw: true,
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  )
  let started = false
  const stop = (): void => {
    if (started) bar.stop()
    process.off('exit', stop)
  }
  return {
    update(done, label, newTotal) {
      if (!started) {
        bar.start(total, 0, { label: printable(label) })
        // It has turned the terminal's line wrapping off.
        process.once('exit', stop)
      }
      started = true
      if (newTotal !== undefined) bar.setTotal(newTotal)
      bar.update(done, { label: printable(label) })
    },
    stop,
  }
}
