import { expect } from '../errors.ts'

/** Weighted sums over pairs of points, all that linear least squares needs of them. */
export interface Moments {
  readonly meanFrom: readonly [number, number, number]
  readonly meanTo: readonly [number, number, number]
  /** [9] sum of w * to * from^T of the centred points, row-major. */
  readonly cross: Float64Array
  /** [9] sum of w * from * from^T of the centred points. */
  readonly spread: Float64Array
}

/** @throws {InvalidInputError} when the lists disagree or fewer than four points count. */
export function checkPairs(from: Float32Array, to: Float32Array, weights?: ArrayLike<number>): void {
  expect(from?.length % 3 === 0 && from.length >= 12, 'from', 'at least 4 points, 3 numbers each,', from)
  expect(to?.length === from.length, 'to', `${from.length} numbers`, to)
  expect(!weights || weights.length === from.length / 3, 'weights', `${from.length / 3} numbers`, weights)
}

export function momentsOf(from: Float32Array, to: Float32Array, weights?: ArrayLike<number>): Moments {
  const meanFrom = meanOf(from, weights)
  const meanTo = meanOf(to, weights)
  const [fx, fy, fz] = meanFrom
  const [tx, ty, tz] = meanTo
  const cross = new Float64Array(9)
  const spread = new Float64Array(9)
  // Written out, over local names: three times as fast as loops over axes, and this is all that a robust fit does.
  for (let i = 0, j = 0; i < from.length; i += 3, j++) {
    const w = weights ? weights[j]! : 1
    if (w === 0) continue
    const x = from[i]! - fx
    const y = from[i + 1]! - fy
    const z = from[i + 2]! - fz
    const u = w * (to[i]! - tx)
    const v = w * (to[i + 1]! - ty)
    const s = w * (to[i + 2]! - tz)
    cross[0]! += u * x
    cross[1]! += u * y
    cross[2]! += u * z
    cross[3]! += v * x
    cross[4]! += v * y
    cross[5]! += v * z
    cross[6]! += s * x
    cross[7]! += s * y
    cross[8]! += s * z
    spread[0]! += w * x * x
    spread[1]! += w * x * y
    spread[2]! += w * x * z
    spread[4]! += w * y * y
    spread[5]! += w * y * z
    spread[8]! += w * z * z
  }
  spread[3] = spread[1]!
  spread[6] = spread[2]!
  spread[7] = spread[5]!
  expect(cross.every(Number.isFinite), 'from and to', 'finite numbers where weights are not 0', cross)
  return { meanFrom, meanTo, cross, spread }
}

function meanOf(points: Float32Array, weights?: ArrayLike<number>): [number, number, number] {
  let [sum, x, y, z] = [0, 0, 0, 0]
  for (let i = 0, j = 0; i < points.length; i += 3, j++) {
    const w = weights ? weights[j]! : 1
    if (w === 0) continue
    sum += w
    x += w * points[i]!
    y += w * points[i + 1]!
    z += w * points[i + 2]!
  }
  expect(sum > 0 && sum < Infinity, 'weights', 'numbers of which some are above 0', sum)
  return [x / sum, y / sum, z / sum]
}
