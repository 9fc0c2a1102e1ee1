import type { Readable } from 'node:stream'

/** What ffprobe may read before it has to know. It asks for 5 MB unless told otherwise. */
const MAX_HEAD = 64 * 2 ** 20

/** A pipe that two programs read from its start: ffprobe its head, then ffmpeg all of it. */
export class ReplayedPipe {
  readonly #source: Readable
  #head: Buffer[] = []
  #length = 0

  constructor(source: Readable) {
    this.#source = source
  }

  /** Gives the head to `target` until that has heard enough, and remembers it. */
  feedHead(target: NodeJS.WritableStream): void {
    const stop = (): void => {
      this.#source.off('data', feed).off('end', end)
      this.#source.pause()
    }
    const end = () => target.end()
    const feed = (chunk: Buffer): void => {
      this.#head.push(chunk)
      this.#length += chunk.length
      if (this.#length > MAX_HEAD) {
        stop()
        target.end()
        return
      }
      if (target.write(chunk)) return
      this.#source.pause()
      target.once('drain', () => this.#source.resume())
    }
    // It closes its end as soon as it knows.
    target.on('error', stop).on('close', stop)
    this.#source.on('data', feed).on('end', end)
  }

  /** Gives the head again, then the rest, no faster than `target` takes it. */
  feedAll(target: NodeJS.WritableStream): void {
    target.on('error', () => this.close())
    for (const chunk of this.#head) target.write(chunk)
    this.#head = []
    if (this.#source.readableEnded) target.end()
    else this.#source.pipe(target)
  }

  /** Lets go of it, which would keep the process alive. */
  close(): void {
    this.#source.destroy()
  }
}
