import { expect } from '../errors.ts'

/** Of an empty list NaN. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of the population (divided by n), as the published tables have it. */
export function standardDeviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

/**
 * Between the two nearest values, linear (numpy's default). Of an empty list NaN.
 * @param q in [0, 1]
 */
export function quantile(values: readonly number[], q: number): number {
  expect(q >= 0 && q <= 1, 'q', 'a number from 0 to 1', q)
  const sorted = [...values].sort((a, b) => a - b)
  const at = q * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(sorted.length - 1, below + 1)
  return sorted.length === 0 ? Number.NaN : sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!)
}

/** What repeated measurements of one thing say. */
export interface Summary {
  readonly count: number
  readonly median: number
  readonly p95: number
  readonly min: number
  readonly max: number
  /** Quartiles: half of the values lie between them. */
  readonly q1: number
  readonly q3: number
}

/** Of an empty list NaN throughout. */
export function summarize(values: readonly number[]): Summary {
  const at = (q: number): number => quantile(values, q)
  return { count: values.length, median: at(0.5), p95: at(0.95), min: at(0), max: at(1), q1: at(0.25), q3: at(0.75) }
}

/**
 * How many times `b` is `a`, from measurements that were taken in turns: a slow spell of the machine meets both of a pair, so
 * that the ratios spread less than the times.
 */
export function summarizeRatios(a: readonly number[], b: readonly number[]): Summary {
  expect(a.length === b.length && a.length > 0, 'b', `${a.length} measurements, one for each of the first,`, b)
  return summarize(a.map((value, i) => b[i]! / value))
}
