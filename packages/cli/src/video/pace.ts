/** How fast a video is worked off, over the last few seconds. */
export class Pace {
  readonly #marks: { readonly at: number; readonly frames: number; readonly time: number }[] = []

  /** @param at milliseconds on any clock. @param frames done by then. @param time seconds of video done by then. */
  mark(at: number, frames: number, time: number): void {
    this.#marks.push({ at, frames, time })
    while (this.#marks.length > 2 && at - this.#marks[1]!.at > WINDOW) this.#marks.shift()
  }

  /** Frames a second. */
  get rate(): number {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)]
    return first && last && last.at > first.at ? ((last.frames - first.frames) * 1000) / (last.at - first.at) : 0
  }

  /** Seconds until `end` seconds of video are done; undefined while that cannot be told. */
  remaining(end: number): number | undefined {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)]
    if (!first || !last || !(last.time > first.time)) return undefined
    return ((Math.max(0, end - last.time) / (last.time - first.time)) * (last.at - first.at)) / 1000
  }
}

const WINDOW = 5000

/** `123 frames, 85.2 fps, 0:12 left`. @param end seconds of video in all; undefined for what has no end. */
export function describePace(pace: Pace, frames: number, end: number | undefined): string {
  const left = end === undefined ? undefined : pace.remaining(end)
  return `${frames} frames, ${pace.rate.toFixed(1)} fps${left === undefined ? '' : `, ${clock(left)} left`}`
}

/** Seconds as `0:05`, `12:34` or `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.ceil(seconds)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const pad = (n: number) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`
}
