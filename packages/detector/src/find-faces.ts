import { expect, type FaceBox } from '@3ddfa/core'
import { suppressOverlaps } from './nms.ts'

/** Limits that every detector shares. */
export interface DetectionLimits {
  /** Faces score above this, [0, 1). */
  readonly scoreThreshold: number
  /** Of two faces whose boxes overlap by this intersection over union, (0, 1], or more the better one stays. */
  readonly iouThreshold: number
  /** How many of the best candidates take part in the non-maximum suppression, at least 1. */
  readonly maxCandidates: number
  /** At most this many faces, at least 1. */
  readonly maxFaces: number
}

/** Settings of which some are given; `undefined` is the default, too. */
export type Overrides<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** Fills in the defaults. @throws {InvalidInputError} when a limit is out of range. */
export function resolveLimits<T extends DetectionLimits>(options: Overrides<T>, defaults: T): T {
  const limits = { ...defaults }
  for (const key of Object.keys(defaults) as (keyof T)[]) {
    const given = options[key]
    if (given !== undefined) limits[key] = given
  }
  const { scoreThreshold, iouThreshold, maxCandidates, maxFaces } = limits
  expect(scoreThreshold >= 0 && scoreThreshold < 1, 'scoreThreshold', 'a number in [0, 1)', scoreThreshold)
  expect(iouThreshold > 0 && iouThreshold <= 1, 'iouThreshold', 'a number in (0, 1]', iouThreshold)
  expectCount(maxCandidates, 'maxCandidates')
  expectCount(maxFaces, 'maxFaces')
  return limits
}

/** @throws {InvalidInputError} unless `value` is a positive integer. */
export function expectCount(value: number, name: string): void {
  expect(Number.isInteger(value) && value > 0, name, 'a positive integer', value)
}

/**
 * The faces among ranked candidates.
 * @param boxes [4n] x1 y1 x2 y2, best first
 * @param scoreOf score of the candidate at a position
 * @param extent see `NmsLimits`
 */
export function findFaces(
  boxes: Float32Array,
  scoreOf: (position: number) => number,
  limits: DetectionLimits,
  extent: 0 | 1,
): FaceBox[] {
  return suppressOverlaps(boxes, { ...limits, extent }).map((position) => {
    const at = 4 * position
    return {
      x1: boxes[at]!,
      y1: boxes[at + 1]!,
      x2: boxes[at + 2]!,
      y2: boxes[at + 3]!,
      score: scoreOf(position),
    }
  })
}
