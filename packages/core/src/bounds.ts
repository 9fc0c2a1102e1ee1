/** How far points reach in the picture, pixels, not rounded. */
export interface Bounds {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** The bounding box of points [3n] x y z (or [2n] x y with `stride` 2). Of no points at all its ends are infinite. */
export function pointBounds(points: ArrayLike<number>, stride: 2 | 3 = 3): Bounds {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < points.length; i += stride) {
    x1 = Math.min(x1, points[i]!)
    x2 = Math.max(x2, points[i]!)
    y1 = Math.min(y1, points[i + 1]!)
    y2 = Math.max(y2, points[i + 1]!)
  }
  return { x1, y1, x2, y2 }
}

/** Smallest and largest x, y and z of points [3n]. Of no points at all they are infinite. */
export function spatialBounds(points: ArrayLike<number>): { low: number[]; high: number[] } {
  const [low, high] = [Array(3).fill(Infinity), Array(3).fill(-Infinity)]
  for (let i = 0; i < points.length; i++) {
    low[i % 3] = Math.min(low[i % 3], points[i]!)
    high[i % 3] = Math.max(high[i % 3], points[i]!)
  }
  return { low, high }
}

/** The longer side of the bounding box of points [3n]. */
export function faceSize(points: ArrayLike<number>): number {
  const { x1, y1, x2, y2 } = pointBounds(points)
  return Math.max(x2 - x1, y2 - y1)
}
