import { expect } from '../errors.ts'

/** One point of a cumulative error curve: this share of the pictures has at most this error. */
export interface CurvePoint {
  readonly error: number
  /** [0, 1]. */
  readonly share: number
}

/** The curve as steps, from (0, 0): one point an error, rising. What was not found counts as an infinite error. */
export function cumulativeCurve(errors: readonly number[]): CurvePoint[] {
  const sorted = errors.filter(Number.isFinite).sort((a, b) => a - b)
  return [{ error: 0, share: 0 }, ...sorted.map((error, i) => ({ error, share: (i + 1) / errors.length }))]
}

/**
 * Area under the cumulative error curve up to `threshold`, over `threshold`: [0, 1], exact. What was not found (NaN, infinite) adds
 * nothing. Of an empty list NaN.
 */
export function areaUnderCurve(errors: readonly number[], threshold: number): number {
  expect(threshold > 0, 'threshold', 'a number above 0', threshold)
  // The step of one error reaches from it to the threshold.
  return errors.reduce((sum, error) => sum + (error < threshold ? 1 - error / threshold : 0), 0) / errors.length
}

/** Share of errors above `threshold`, [0, 1]; what was not found (NaN, infinite) is among them. Of an empty list NaN. */
export function failureRate(errors: readonly number[], threshold: number): number {
  return errors.filter((error) => !(error <= threshold)).length / errors.length
}
