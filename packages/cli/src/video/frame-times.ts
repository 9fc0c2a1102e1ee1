import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** The filter that tells the time of each frame, in microseconds, on file descriptor `fd`. */
export function timeFilter(fd: number): string {
  // The print filter passes over frames without the named entry; giving each one keeps the file's own entries out.
  const print = `metadata=mode=print:key=3ddfa:direct=1:file='pipe\\:${fd}'`
  return `settb=AVTB,metadata=mode=add:key=3ddfa:value=0,${print}`
}

/** Reads what `timeFilter` writes: the time of each frame in seconds, undefined where the file gives none. */
export async function* readTimes(stream: Readable): AsyncGenerator<number | undefined, void> {
  for await (const line of createInterface({ input: stream })) {
    const match = /^frame:\d+ +pts:(-?\d+|NOPTS)/.exec(line)
    if (match) yield match[1] === 'NOPTS' ? undefined : Number(match[1]) / 1e6
  }
}

/**
 * Makes times grow: broken files repeat or miss them. A frame that is not later than the last one is put a tick after it, one
 * without a time a frame after it.
 */
export class GrowingTimes {
  readonly #tick: number
  readonly #step: number
  #last = -Infinity
  /** Frames whose time was mended. */
  mended = 0

  constructor(info: { readonly frameRate: number; readonly timeBase: readonly [number, number] }) {
    this.#tick = Math.max(1e-6, info.timeBase[0] / info.timeBase[1])
    this.#step = 1 / info.frameRate
  }

  next(time: number | undefined): number {
    const wanted = time ?? Math.max(0, this.#last + this.#step)
    // Half a tick, since times come rounded.
    const isLater = wanted > this.#last + this.#tick / 2
    if (time === undefined || !isLater) this.mended++
    this.#last = isLater ? wanted : this.#last + this.#tick
    return this.#last
  }
}
