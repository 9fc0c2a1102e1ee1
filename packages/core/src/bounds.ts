/** How far points reach in the picture, pixels, not rounded. */
export interface Bounds {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** The bounding box of points [3n] x y z (or [2n] x y with `stride` 2); what is no number is passed over. Of no points at all its ends are infinite. */
export function pointBounds(points: ArrayLike<number>, stride: 2 | 3 = 3): Bounds {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < points.length; i += stride) {
    const x = points[i]!
    const y = points[i + 1]!
    // Comparisons, unlike Math.min, pass NaN over.
    if (x < x1) x1 = x
    if (x > x2) x2 = x
    if (y < y1) y1 = y
    if (y > y2) y2 = y
  }
  return { x1, y1, x2, y2 }
}

/** Smallest and largest x, y and z of points [3n]; what is no number is passed over. Of no points at all they are infinite. */
export function spatialBounds(points: ArrayLike<number>): { low: number[]; high: number[] } {
  const [low, high] = [Array(3).fill(Infinity), Array(3).fill(-Infinity)]
  for (let i = 0; i < points.length; i++) {
    if (points[i]! < low[i % 3]) low[i % 3] = points[i]!
    if (points[i]! > high[i % 3]) high[i % 3] = points[i]!
  }
  return { low, high }
}

/** The longer side of the bounding box of points [3n]. */
export function faceSize(points: ArrayLike<number>): number {
  const { x1, y1, x2, y2 } = pointBounds(points)
  return Math.max(x2 - x1, y2 - y1)
}
