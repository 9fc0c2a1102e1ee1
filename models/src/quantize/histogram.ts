const BINS = 2048

/** How often the numbers of a tensor fall into each of 2048 equal parts of their range. */
export class Histogram {
  readonly low: number
  readonly high: number
  readonly counts: Float64Array = new Float64Array(BINS)

  constructor(low: number, high: number) {
    this.low = low
    this.high = high
  }

  add(data: Float32Array): void {
    const scale = BINS / (this.high - this.low || 1)
    for (const value of data) this.counts[Math.min(BINS - 1, Math.floor((value - this.low) * scale))]!++
  }
}

/** Shares of the whole range that are tried. */
const SHARES = Array.from({ length: 41 }, (_, i) => 1 - i / 50)

/** The part of the range, cut evenly on both sides of zero, that 256 steps tell with the smallest squared error. */
export function bestRange({ low, high, counts }: Histogram): readonly [number, number] {
  const centres = counts.map((_, i) => low + ((i + 0.5) * (high - low)) / BINS)
  let best = { error: Infinity, share: 1 }
  for (const share of SHARES) {
    const [from, to] = [low * share, high * share]
    const step = (to - from) / 255
    // Within the range the error is spread evenly over a step; beyond it is the distance to its end.
    let error = 0
    for (let i = 0; i < BINS; i++) {
      const beyond = Math.max(from - centres[i]!, centres[i]! - to, 0)
      error += counts[i]! * (beyond > 0 ? beyond * beyond : (step * step) / 12)
    }
    if (error < best.error) best = { error, share }
  }
  return [low * best.share, high * best.share]
}
