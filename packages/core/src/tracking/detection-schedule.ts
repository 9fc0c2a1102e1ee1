/** Frames a second from which on `every` frames last no longer than they are meant to. */
const FRAME_RATE = 30

/** Seconds after a track's end in which its face may be back, and frames between two looks then. */
const RETURN = 3
const RETURN_EVERY = 5

/**
 * When the detector has to look: on the first frame and while nothing is followed, every `every` frames while all is well,
 * and while something is hidden after 1, 2, 4... frames, since each look in vain makes the next one less promising. For three
 * seconds after a track has ended it looks every five frames: a face that went behind something comes back. When frames
 * come slowly it looks after as much time as `every` frames take at 30 a second, at least one second.
 */
export class DetectionSchedule {
  readonly #every: number
  readonly #seconds: number
  #framesSince = 0
  #time = 0
  #lookedAt = 0
  #backOff = 1
  #lostAt = -Infinity

  constructor(every: number) {
    this.#every = every
    this.#seconds = Math.max(1, every / FRAME_RATE)
  }

  /** Asked once a frame, at `time` seconds. `tracks` live, `hidden` of them were not seen in the last frame. */
  isDue(time: number, tracks: number, hidden: number): boolean {
    this.#framesSince++
    this.#time = time
    if (tracks === 0 || time - this.#lookedAt >= this.#seconds) return true
    const forHidden = hidden > 0 ? this.#backOff : Infinity
    const forLost = time - this.#lostAt <= RETURN ? RETURN_EVERY : Infinity
    return this.#framesSince >= Math.min(forHidden, forLost, this.#every)
  }

  /** The detector has looked in this frame. */
  looked(): void {
    this.#framesSince = 0
    this.#lookedAt = this.#time
  }

  /** The frame ends with `hidden` tracks out of sight, and after `lost` more have ended. */
  endFrame(hidden: number, lost: number): void {
    if (lost > 0) this.#lostAt = this.#time
    if (hidden === 0) this.#backOff = 1
    else if (this.#framesSince === 0) this.#backOff *= 2
  }
}
