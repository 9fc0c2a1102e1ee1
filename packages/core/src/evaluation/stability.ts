/** Landmarks [3n] x y z of one face, a frame each. */
export type Landmarks = ArrayLike<number>

/** Square root of the area of the bounding box, the size that NME is divided by; pixels. */
export function landmarkSize(points: Landmarks): number {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < points.length; i += 3) {
    x1 = Math.min(x1, points[i]!)
    x2 = Math.max(x2, points[i]!)
    y1 = Math.min(y1, points[i + 1]!)
    y2 = Math.max(y2, points[i + 1]!)
  }
  return Math.sqrt((x2 - x1) * (y2 - y1))
}

/** Mean distance of the points in the picture, pixels. */
export function landmarkDistance(a: Landmarks, b: Landmarks): number {
  let sum = 0
  for (let i = 0; i < a.length; i += 3) sum += Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!)
  return (3 * sum) / a.length
}

/** Mean over the frames from `half` before to `half` after, as far as they are there. Not delayed. */
export function centredMean(frames: readonly Landmarks[], half: number): Float64Array[] {
  return frames.map((frame, t) => {
    const window = frames.slice(Math.max(0, t - half), t + half + 1)
    return Float64Array.from(
      { length: frame.length },
      (_, i) => window.reduce((sum, p) => sum + p[i]!, 0) / window.length,
    )
  })
}

/** Frames in which the face moves by less than `limit` face sizes a second (judged on the mean of 7 frames). */
export function stillFrames(frames: readonly Landmarks[], fps: number, limit: number): number[] {
  const mean = centredMean(frames, 3)
  return frames.flatMap((_, t) => {
    if (t < 1 || t > frames.length - 2) return []
    const speed = (landmarkDistance(mean[t + 1]!, mean[t - 1]!) / 2) * fps
    return speed / landmarkSize(mean[t]!) < limit ? [t] : []
  })
}

/** Mean acceleration of the landmarks in percent of the face size a frame squared, over the given inner frames. */
export function jitter(frames: readonly Landmarks[], at: readonly number[]): number {
  const values = at.map((t) => {
    const [a, b, c] = [frames[t - 1]!, frames[t]!, frames[t + 1]!]
    const middle = Float64Array.from(b, (_, i) => (a[i]! + c[i]!) / 2)
    return (200 * landmarkDistance(middle, b)) / landmarkSize(b)
  })
  return values.reduce((sum, v) => sum + v, 0) / values.length
}

/**
 * The delay in frames (steps of 0.05, -1 to 4) at which `reference` explains `frames` best, least squares, from frame `from` on
 * (a smoother needs a few frames to settle).
 */
export function lag(frames: readonly Landmarks[], reference: readonly Landmarks[], from = 10): number {
  let best = { error: Infinity, delay: 0 }
  for (let step = -20; step <= 80; step++) {
    const delay = step / 20
    const error = errorAtDelay(frames, reference, from, delay)
    if (error < best.error) best = { error, delay }
  }
  return best.delay
}

function errorAtDelay(
  frames: readonly Landmarks[],
  reference: readonly Landmarks[],
  from: number,
  delay: number,
): number {
  let [error, count] = [0, 0]
  for (let t = from; t < frames.length; t++) {
    const before = Math.floor(t - delay)
    const part = t - delay - before
    const [a, b, own] = [reference[before], reference[before + 1], frames[t]!]
    if (!a || !b) continue
    count++
    for (let i = 0; i < own.length; i++) {
      if (i % 3 === 2) continue
      error += (a[i]! * (1 - part) + b[i]! * part - own[i]!) ** 2
    }
  }
  return error / count
}
