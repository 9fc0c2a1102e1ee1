/** Landmarks [204] x y z of one face, a frame each. */
export type Points = ArrayLike<number>

const COUNT = 68

/** Area under the ROC curve: how likely a good sample has the higher value than a lost one; ties count half. */
export function auc(good: readonly number[], lost: readonly number[]): number {
  const sorted = [...lost].sort((a, b) => a - b)
  const below = (value: number, orEqual: boolean): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1
      else high = middle
    }
    return low
  }
  const wins = good.reduce((sum, value) => sum + (below(value, false) + below(value, true)) / 2, 0)
  return wins / good.length / lost.length
}

/** Square root of the area of the bounding box, the size that NME is divided by; pixels. */
export function faceSize(points: Points): number {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < 3 * COUNT; i += 3) {
    x1 = Math.min(x1, points[i]!)
    x2 = Math.max(x2, points[i]!)
    y1 = Math.min(y1, points[i + 1]!)
    y2 = Math.max(y2, points[i + 1]!)
  }
  return Math.sqrt((x2 - x1) * (y2 - y1))
}

/** Mean distance of the points in the picture, pixels. */
export function meanDistance(a: Points, b: Points): number {
  let sum = 0
  for (let i = 0; i < 3 * COUNT; i += 3) sum += Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!)
  return sum / COUNT
}

/** Mean over the frames from `half` before to `half` after, as far as they are there. Not delayed. */
export function centredMean(frames: readonly Points[], half: number): Float64Array[] {
  return frames.map((_, t) => {
    const window = frames.slice(Math.max(0, t - half), t + half + 1)
    return Float64Array.from({ length: 3 * COUNT }, (_, i) => window.reduce((sum, p) => sum + p[i]! / window.length, 0))
  })
}

/** Frames in which the face moves by less than `limit` face sizes a second (judged on the mean of 7 frames). */
export function stillFrames(frames: readonly Points[], fps: number, limit: number): number[] {
  const mean = centredMean(frames, 3)
  return frames.flatMap((_, t) => {
    if (t < 1 || t > frames.length - 2) return []
    return ((meanDistance(mean[t + 1]!, mean[t - 1]!) / 2) * fps) / faceSize(mean[t]!) < limit ? [t] : []
  })
}

/** Mean acceleration of the landmarks in percent of the face size a frame squared, over the given inner frames. */
export function jitter(frames: readonly Points[], at: readonly number[]): number {
  const values = at.map((t) => {
    const [a, b, c] = [frames[t - 1]!, frames[t]!, frames[t + 1]!]
    const middle = Float64Array.from(b, (_, i) => (a[i]! + c[i]!) / 2)
    return (200 * meanDistance(middle, b)) / faceSize(b)
  })
  return values.reduce((sum, v) => sum + v, 0) / values.length
}

/** The delay in frames (steps of 0.05) at which `reference` explains `frames` best, least squares, from frame `from` on. */
export function lag(frames: readonly Points[], reference: readonly Points[], from = 10): number {
  let best = { error: Infinity, delay: 0 }
  for (let step = -20; step <= 80; step++) {
    const delay = step / 20
    let [error, count] = [0, 0]
    for (let t = from; t < frames.length; t++) {
      const before = Math.floor(t - delay)
      const part = t - delay - before
      if (!reference[before] || !reference[before + 1]) continue
      count++
      for (let i = 0; i < 3 * COUNT; i++) {
        if (i % 3 === 2) continue
        const expected = reference[before]![i]! * (1 - part) + reference[before + 1]![i]! * part
        error += (expected - frames[t]![i]!) ** 2
      }
    }
    if (error / count < best.error) best = { error: error / count, delay }
  }
  return best.delay
}
