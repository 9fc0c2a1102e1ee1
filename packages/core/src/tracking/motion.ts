import type { Roi } from '../roi.ts'
import type { QuarterTurns } from '../roll/quarter-turns.ts'

/** Time constant in seconds with which a velocity dies away when a face is no longer seen. */
const COAST = 0.2
/** Time constant in seconds over which the velocity is averaged. */
const MEMORY = 0.05
/** Largest growth or shrinkage that is predicted, natural logarithm. */
const MAX_GROWTH = 0.2

/**
 * Where a face will be: centre and logarithm of the size move on with a velocity that decays, so that a prediction never runs
 * away. Time-aware; regions are square.
 */
export class MotionModel {
  #state: readonly number[]
  #velocity: readonly number[] = [0, 0, 0]
  #time: number
  #quarterTurns: QuarterTurns | undefined

  constructor(roi: Roi, time: number) {
    this.#state = parametersOf(roi)
    this.#time = time
    this.#quarterTurns = roi.quarterTurns
  }

  /** Takes over where the face was found at `time` seconds. */
  update(roi: Roi, time: number): void {
    const next = parametersOf(roi)
    const dt = time - this.#time
    const gain = 1 - Math.exp(-dt / MEMORY)
    this.#velocity = this.#velocity.map((v, i) => v + gain * ((next[i]! - this.#state[i]!) / dt - v))
    this.#state = next
    this.#time = time
    this.#quarterTurns = roi.quarterTurns
  }

  predict(time: number): Roi {
    const reach = COAST * (1 - Math.exp(-(time - this.#time) / COAST))
    const [x, y, logSide] = this.#state.map((value, i) => value + this.#velocity[i]! * reach) as [
      number,
      number,
      number,
    ]
    const growth = Math.max(-MAX_GROWTH, Math.min(MAX_GROWTH, logSide - this.#state[2]!))
    const half = Math.exp(this.#state[2]! + growth) / 2
    const quarterTurns = this.#quarterTurns
    return { x1: x - half, y1: y - half, x2: x + half, y2: y + half, ...(quarterTurns && { quarterTurns }) }
  }
}

function parametersOf({ x1, y1, x2, y2 }: Roi): [number, number, number] {
  return [(x1 + x2) / 2, (y1 + y2) / 2, Math.log((x2 - x1 + y2 - y1) / 2)]
}
