/** Frames a second from which on `every` frames last no longer than they are meant to. */
const FRAME_RATE = 30

/**
 * When the detector has to look: on the first frame and while nothing is followed, every `every` frames while all is well,
 * and while something is hidden after 1, 2, 4... frames, since each look in vain makes the next one less promising. When frames
 * come slowly it looks after as much time as `every` frames take at 30 a second, at least one second.
 */
export class DetectionSchedule {
  readonly #every: number
  readonly #seconds: number
  #framesSince = 0
  #time = 0
  #lookedAt = 0
  #backOff = 1

  constructor(every: number) {
    this.#every = every
    this.#seconds = Math.max(1, every / FRAME_RATE)
  }

  /** Asked once a frame, at `time` seconds. `tracks` live, `hidden` of them were not seen in the last frame. */
  isDue(time: number, tracks: number, hidden: number): boolean {
    this.#framesSince++
    this.#time = time
    if (tracks === 0 || time - this.#lookedAt >= this.#seconds) return true
    return this.#framesSince >= (hidden > 0 ? Math.min(this.#backOff, this.#every) : this.#every)
  }

  /** The detector has looked in this frame. */
  looked(): void {
    this.#framesSince = 0
    this.#lookedAt = this.#time
  }

  /** The frame ends with `hidden` tracks out of sight. */
  endFrame(hidden: number): void {
    if (hidden === 0) this.#backOff = 1
    else if (this.#framesSince === 0) this.#backOff *= 2
  }
}
