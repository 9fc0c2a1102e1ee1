import { expect } from '../errors.ts'
import { mean, standardDeviation } from './statistics.ts'

/** Upper ends of the bins of |yaw|, degrees; the last one takes everything above too. */
export const YAW_BIN_ENDS: readonly number[] = [30, 60, 90]

export interface YawBin {
  /** Degrees: above the first (from 0 on in the first bin) up to and with the second. */
  readonly range: readonly [number, number]
  readonly count: number
  /** NaN where there is none. */
  readonly mean: number
  readonly std: number
}

export interface YawBins {
  readonly bins: readonly YawBin[]
  /** Of the bins' means, each with the same weight; bins without a picture are left out. */
  readonly mean: number
  readonly std: number
}

/**
 * The published table: errors by |yaw|, and the unweighted mean of the bins, so that the few turned heads count as much as the
 * many frontal ones. Source: 3DDFA's AFLW2000-3D benchmark.
 */
export function binByYaw(errors: readonly number[], yawDegrees: readonly number[]): YawBins {
  expect(errors.length === yawDegrees.length, 'yawDegrees', `${errors.length} numbers, one an error,`, yawDegrees)
  const bins = YAW_BIN_ENDS.map((end, b): YawBin => {
    const start = YAW_BIN_ENDS[b - 1] ?? 0
    const isLast = b === YAW_BIN_ENDS.length - 1
    const inside = errors.filter((_, i) => {
      const yaw = Math.abs(yawDegrees[i]!)
      return (b === 0 || yaw > start) && (isLast || yaw <= end)
    })
    return { range: [start, end], count: inside.length, mean: mean(inside), std: standardDeviation(inside) }
  })
  const means = bins.filter(({ count }) => count > 0).map((bin) => bin.mean)
  return { bins, mean: mean(means), std: standardDeviation(means) }
}
