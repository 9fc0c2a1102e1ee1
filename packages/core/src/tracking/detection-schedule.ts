/**
 * When the detector has to look: on the first frame and while nothing is followed, every `every` frames while all is well,
 * and while something is hidden after 1, 2, 4... frames, since each look in vain makes the next one less promising.
 */
export class DetectionSchedule {
  readonly #every: number
  #framesSince = 0
  #backOff = 1

  constructor(every: number) {
    this.#every = every
  }

  /** Asked once a frame. `tracks` live, `hidden` of them were not seen in the last frame. */
  isDue(tracks: number, hidden: number): boolean {
    this.#framesSince++
    if (tracks === 0) return true
    return this.#framesSince >= (hidden > 0 ? Math.min(this.#backOff, this.#every) : this.#every)
  }

  /** The detector has looked in this frame. */
  looked(): void {
    this.#framesSince = 0
  }

  /** The frame ends with `hidden` tracks out of sight. */
  endFrame(hidden: number): void {
    if (hidden === 0) this.#backOff = 1
    else if (this.#framesSince === 0) this.#backOff *= 2
  }
}
