import { once } from 'node:events'

type ErrorListener = (error: NodeJS.ErrnoException) => void

/**
 * Lines on stdout, no faster than their reader takes them. A reader that has seen enough (`| head`) ends the command, unless
 * that makes more than lines: then the rest of them is dropped.
 */
export class StdoutLines {
  #isRead = true
  /** What an error meant before. */
  #before: ErrorListener[] = []
  readonly #onError: ErrorListener = (error) => {
    if (error.code === 'EPIPE') this.#isRead = false
    else for (const listener of this.#before) listener(error)
  }

  /** @param makesMore whether the command goes on without a reader. */
  constructor(makesMore: boolean) {
    if (!makesMore) return
    this.#before = process.stdout.listeners('error') as ErrorListener[]
    process.stdout.removeAllListeners('error').on('error', this.#onError)
  }

  /** Done when the next one may come. */
  async write(line: string): Promise<void> {
    if (!this.#isRead || process.stdout.write(`${line}\n`)) return
    await once(process.stdout, 'drain').catch((error) => {
      if (this.#isRead) throw error
    })
  }

  /** Errors mean again what they meant before. */
  release(): void {
    process.stdout.off('error', this.#onError)
    for (const listener of this.#before.splice(0)) process.stdout.on('error', listener)
  }
}
