import { pointBounds } from './bounds.ts'
import type { FaceBox } from './detection.ts'
import { expect, expectObject } from './errors.ts'
import type { QuarterTurns } from './roll/quarter-turns.ts'
import { roundHalfEven } from './round-half-even.ts'

/** A square region of a picture in (fractional) pixels; what the regressor sees. `x2 - x1` equals `y2 - y1`. */
export interface Roi {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
  /** How often its crop is turned, so that a network sees a face upright that lies on its side or upside down; 0 unless given. */
  readonly quarterTurns?: QuarterTurns | undefined
}

/**
 * ROI from a detector's box: side 1.58 times the box's mean side (truncated), centre lowered by 0.14 of that mean side, in the
 * direction that is down in a face that is turned.
 * Source: 3DDFA_V2 `parse_roi_box_from_bbox`.
 * @param index of the box in its list, for the error: `boxes.map(roiFromBox)` gives it.
 * @throws {InvalidInputError} when the box is empty or not finite.
 */
export function roiFromBox(box: Omit<FaceBox, 'score'>, index?: number): Roi {
  checkRoi(box, index === undefined ? 'box' : `boxes[${index}]`)
  const { x1, y1, x2, y2, quarterTurns = 0 } = box
  const mean = (x2 - x1 + y2 - y1) / 2
  // At least 2: of one pixel, rounding can leave nothing.
  const side = Math.max(2, Math.trunc(mean * 1.58))
  const [dx, dy] = DOWN[quarterTurns]
  const roi = squareAround(x2 - (x2 - x1) / 2 + mean * 0.14 * dx, y2 - (y2 - y1) / 2 + mean * 0.14 * dy, side)
  return quarterTurns > 0 ? { ...roi, quarterTurns } : roi
}

/** Of a face that is to be turned so often, in the picture. */
const DOWN = [
  [0, 1],
  [1, 0],
  [0, -1],
  [-1, 0],
] as const

/** @throws {InvalidInputError} when the region is empty or not finite, or its turns are none. */
export function checkRoi(roi: Roi, name: string): void {
  expectObject(roi, name, 'a region, { x1, y1, x2, y2 },')
  const { x1, y1, x2, y2 } = roi
  const fits = [x1, y1, x2, y2].every(Number.isFinite) && x2 > x1 && y2 > y1
  expect(fits, name, 'finite x1 < x2 and y1 < y2', `x1 ${x1}, y1 ${y1}, x2 ${x2}, y2 ${y2}`)
  const { quarterTurns } = roi
  const turns = quarterTurns === undefined || [0, 1, 2, 3].includes(quarterTurns)
  expect(turns, `${name}.quarterTurns`, '0, 1, 2 or 3', quarterTurns)
}

/**
 * A network of parameters sees squares: from another shape it would see a squeezed face, and its pose would be that of one.
 * @throws {InvalidInputError} when a region is empty, not finite or no square; whole pixels may make two pixels' difference.
 */
export function checkSquares(rois: readonly Roi[]): void {
  expect(Array.isArray(rois), 'rois', 'a list of regions', rois)
  rois.forEach((roi, i) => {
    checkRoi(roi, `rois[${i}]`)
    const [width, height] = [roi.x2 - roi.x1, roi.y2 - roi.y1]
    const name = `rois[${i}] (rectangles around faces are \`boxes\`)`
    expect(Math.abs(width - height) <= 2, name, 'a square', `${width} x ${height} pixels`)
  })
}

/**
 * ROI from landmarks [3n] x y z (or [2n] with `stride` 2): the bounding square's diagonal as side, around the bounding
 * box's centre. Source: 3DDFA_V2 `parse_roi_box_from_landmark`.
 */
export function roiFromLandmarks(points: ArrayLike<number>, stride: 2 | 3 = 3): Roi {
  expect(points?.length >= stride && points.length % stride === 0, 'points', `a multiple of ${stride} numbers`, points)
  const { x1, y1, x2, y2 } = pointBounds(points, stride)
  return squareAround((x1 + x2) / 2, (y1 + y2) / 2, Math.max(x2 - x1, y2 - y1) * Math.SQRT2)
}

/** Intersection over union of two regions, [0, 1]. */
export function intersectionOverUnion(a: Roi, b: Roi): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1)
  if (!(width > 0 && height > 0)) return 0
  const shared = width * height
  return shared / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - shared)
}

/** The whole pixels that a crop of `roi` takes: each corner rounded half to even, as Python's `round`. */
export function snapRoi(roi: Roi): Roi {
  return { x1: roundHalfEven(roi.x1), y1: roundHalfEven(roi.y1), x2: roundHalfEven(roi.x2), y2: roundHalfEven(roi.y2) }
}

/** Largest |coordinate| of a region to resample: as far as float32 tells whole pixels apart. */
export const MAX_REGION: number = 2 ** 24

/** A crop can be cut there: rounded to whole pixels something is left of it, and it is not beyond all pictures. */
export function holdsPixels({ x1, y1, x2, y2 }: Roi): boolean {
  return x2 - x1 > 1 && y2 - y1 > 1 && Math.max(-x1, -y1, x2, y2) < MAX_REGION
}

function squareAround(cx: number, cy: number, side: number): Roi {
  const x1 = cx - side / 2
  const y1 = cy - side / 2
  return { x1, y1, x2: x1 + side, y2: y1 + side }
}
