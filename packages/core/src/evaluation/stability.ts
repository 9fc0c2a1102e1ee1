import { faceBoxSize, meanPointDistance, pointsInPicture } from './nme.ts'
import { mean } from './statistics.ts'

/** Landmarks [3n] x y z of one face in one frame. */
export type Landmarks = ArrayLike<number>

/** Square root of the area of the bounding box, the size that NME is divided by; pixels. */
export function landmarkSize(points: Landmarks): number {
  return faceBoxSize(pointsInPicture(points))
}

/** Mean distance of the points in the picture, pixels. */
export function landmarkDistance(a: Landmarks, b: Landmarks): number {
  return meanPointDistance(pointsInPicture(a), pointsInPicture(b))
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

/** Indices of the inner frames in which the face moves by less than `limit` face sizes a second (judged on the mean of 7 frames). */
export function stillFrames(frames: readonly Landmarks[], fps: number, limit: number): number[] {
  const calm = centredMean(frames, 3)
  return frames.flatMap((_, t) => {
    if (t < 1 || t > frames.length - 2) return []
    const speed = (landmarkDistance(calm[t + 1]!, calm[t - 1]!) / 2) * fps
    return speed / landmarkSize(calm[t]!) < limit ? [t] : []
  })
}

/**
 * Mean acceleration of the landmarks in percent of the face size a frame squared.
 * @param at indices of frames, neither the first nor the last. Without any the result is NaN.
 */
export function jitter(frames: readonly Landmarks[], at: readonly number[]): number {
  const accelerations = at.map((t) => {
    const [a, b, c] = [frames[t - 1]!, frames[t]!, frames[t + 1]!]
    const middle = Float64Array.from(b, (_, i) => (a[i]! + c[i]!) / 2)
    return (200 * landmarkDistance(middle, b)) / landmarkSize(b)
  })
  return mean(accelerations)
}

/**
 * The delay in frames (steps of 0.05, -1 to 4) at which `reference` explains `frames` best, least squares, from frame `from` on
 * (a smoother needs a few frames to settle). Without frames behind that the result is NaN.
 */
export function lag(frames: readonly Landmarks[], reference: readonly Landmarks[], from = 10): number {
  let best = { error: Infinity, delay: Number.NaN }
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
