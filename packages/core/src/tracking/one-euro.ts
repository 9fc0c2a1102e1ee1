import { type Mat3, nearestRotation } from '../rotation.ts'
import { interpolateRotation, rotationBetween } from './so3.ts'

/** How one group of numbers is filtered. */
export interface OneEuroOptions {
  /** Cutoff frequency at rest, hertz: the lower, the calmer. */
  readonly minCutoff: number
  /** How fast the cutoff rises with speed, hertz for one unit a second: the higher, the less lag. */
  readonly beta: number
  /** Cutoff frequency of the speed's own low-pass, hertz. */
  readonly speedCutoff: number
}

/** Weight of a new sample `dt` seconds after the last one in a first-order low-pass with this cutoff in hertz. */
export function smoothingFactor(cutoff: number, dt: number): number {
  const r = 2 * Math.PI * cutoff * dt
  return r / (1 + r)
}

/**
 * The One Euro filter (Casiez, Roussel, Vogel: CHI 2012) of a vector. All entries share one cutoff, which follows the length
 * of the low-passed velocity vector, so that the result does not depend on the choice of axes. `unit` divides speeds:
 * for example the face's size in pixels.
 */
export class OneEuroVector {
  readonly #options: OneEuroOptions
  #raw: Float64Array | undefined
  #value: Float64Array = new Float64Array(0)
  #speed: Float64Array = new Float64Array(0)

  constructor(options: OneEuroOptions) {
    this.#options = options
  }

  /** The filtered value; `dt` seconds have passed since the last call (ignored in the first). */
  next(sample: Float64Array, dt: number, unit = 1): Float64Array {
    if (!this.#raw) {
      this.#value = Float64Array.from(sample)
      this.#speed = new Float64Array(sample.length)
    } else {
      const a = smoothingFactor(this.#options.speedCutoff, dt)
      const raw = this.#raw
      this.#speed = this.#speed.map((v, i) => v + a * ((sample[i]! - raw[i]!) / dt / unit - v))
      const b = smoothingFactor(this.#options.minCutoff + this.#options.beta * Math.hypot(...this.#speed), dt)
      this.#value = this.#value.map((v, i) => v + b * (sample[i]! - v))
    }
    this.#raw = sample
    return this.#value
  }
}

/** The same on rotations: differences are rotation vectors, steps go along the shortest turn. Speed in radians a second. */
export class OneEuroRotation {
  readonly #options: OneEuroOptions
  #raw: Mat3 | undefined
  #value: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1]
  #speed: [number, number, number] = [0, 0, 0]

  constructor(options: OneEuroOptions) {
    this.#options = options
  }

  next(sample: Mat3, dt: number): Mat3 {
    if (!this.#raw) this.#value = sample
    else {
      const a = smoothingFactor(this.#options.speedCutoff, dt)
      const turn = rotationBetween(this.#raw, sample)
      this.#speed = this.#speed.map((v, i) => v + a * (turn[i]! / dt - v)) as [number, number, number]
      const b = smoothingFactor(this.#options.minCutoff + this.#options.beta * Math.hypot(...this.#speed), dt)
      // Projected back, so that rounding does not grow over hours of frames.
      this.#value = nearestRotation(interpolateRotation(this.#value, sample, b)).rotation
    }
    this.#raw = sample
    return this.#value
  }
}
