import { type Bounds, pointBounds } from '../bounds.ts'
import { expect } from '../errors.ts'

/** Points in a picture: [2n] x y. */
export type Points2d = ArrayLike<number>

/** x y of points x y z: [3n] to [2n]. */
export function pointsInPicture(points: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: (points.length / 3) * 2 }, (_, i) => points[3 * (i >> 1) + (i & 1)]!)
}

/** Bounding box of the points, pixels. @throws {InvalidInputError} when there is none. */
export function boundsOf(points: Points2d): Bounds {
  expect(points.length >= 2 && points.length % 2 === 0, 'points', 'x y of one point or more', points)
  return pointBounds(points, 2)
}

/** Square root of the area of the points' bounding box, pixels: what an NME is divided by. */
export function faceBoxSize(points: Points2d): number {
  const { x1, y1, x2, y2 } = boundsOf(points)
  return Math.sqrt((x2 - x1) * (y2 - y1))
}

/**
 * Mean distance of corresponding points, pixels. Points for which `isValid` is false do not count; NaN when none does.
 * @throws {InvalidInputError} when the lists disagree.
 */
export function meanPointDistance(a: Points2d, b: Points2d, isValid: (index: number) => boolean = () => true): number {
  expect(a.length === b.length && a.length > 0, 'points', `${b.length} numbers, as many as the true ones,`, a)
  let [sum, count] = [0, 0]
  for (let i = 0; i < a.length / 2; i++) {
    if (!isValid(i)) continue
    sum += Math.hypot(a[2 * i]! - b[2 * i]!, a[2 * i + 1]! - b[2 * i + 1]!)
    count++
  }
  return sum / count
}

/**
 * Normalised mean error in percent: mean distance of corresponding points over the size of the true points' bounding box.
 * Source: 3DDFA (Zhu et al., CVPR 2016), the AFLW2000-3D protocol; numbers as its benchmark gives them times 100.
 * @throws {InvalidInputError} when the lists disagree.
 */
export function normalizedMeanError(predicted: Points2d, truth: Points2d): number {
  return (100 * meanPointDistance(predicted, truth)) / faceBoxSize(truth)
}

/** For each of AFLW's 21 points the iBUG points (from 0) whose mean it is. Source: 3DDFA's AFLW benchmark. */
const AFLW_POINTS: readonly (readonly number[])[] = [
  ...[[17], [19], [21], [22], [24], [26]],
  ...[[36], [36, 37, 38, 39, 40, 41], [39], [42], [42, 43, 44, 45, 46, 47], [45]],
  ...[[2], [31], [30], [35], [14]],
  ...[[48], [60, 61, 62, 63, 64, 65, 66, 67], [54], [8]],
]

/** AFLW's 21 points [42] of the 68 iBUG points [136]. @throws {InvalidInputError} for another number of points. */
export function aflwPoints(points: Points2d): Float64Array {
  expect(points.length === 136, 'points', '136 numbers (68 x y)', points)
  return Float64Array.from(
    AFLW_POINTS.flatMap((group) =>
      [0, 1].map((axis) => group.reduce((sum, i) => sum + points[2 * i + axis]!, 0) / group.length),
    ),
  )
}

/**
 * NME in percent of the AFLW protocol: over those of the 21 points [42] that are labelled; unlabelled ones are -1 -1.
 * @param size what to divide by, pixels: `faceBoxSize` of the 68 true points where there are any. Unless given that of the
 *   labelled points, which is smaller.
 * @throws {InvalidInputError} when the lists are of other lengths, or no point is labelled.
 */
export function aflwMeanError(predicted68: Points2d, truth21: Points2d, size?: number): number {
  const isLabelled = (i: number): boolean => truth21[2 * i] !== -1 && truth21[2 * i + 1] !== -1
  const labelled = Array.from({ length: 21 }, (_, i) => i).filter(isLabelled)
  expect(labelled.length > 0, 'truth21', 'one labelled point or more', truth21)
  const divisor = size ?? faceBoxSize(labelled.flatMap((i) => [truth21[2 * i]!, truth21[2 * i + 1]!]))
  return (100 * meanPointDistance(aflwPoints(predicted68), truth21, isLabelled)) / divisor
}
