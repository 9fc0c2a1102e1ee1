import { expect } from '../errors.ts'
import { determinant, inverseTranspose, type Mat3, multiply, nearestRotation } from '../rotation.ts'
import { checkPairs, type Moments, momentsOf } from './moments.ts'
import { fitRobustly } from './robust.ts'
import type { AffineTransform, SimilarityTransform } from './transform.ts'

export interface FitOptions {
  /** [n] weight of each pair, from 0; all alike unless given. Use it to leave hidden vertices out. */
  readonly weights?: ArrayLike<number> | undefined
  /**
   * Pairs that fit badly count less and far-off ones not at all (Tukey's biweight, tuning constant 4.685, scale from the median
   * absolute residual). False unless given.
   */
  readonly robust?: boolean | undefined
}

/**
 * The rotation, scale and shift that bring points `from` [3n] nearest to `to` [3n] in the least squares sense.
 * Source: Umeyama 1991, with the polar decomposition in place of the SVD.
 * @throws {InvalidInputError} when the lists disagree, lie in a plane or are mirror images.
 */
export function fitSimilarity(from: Float32Array, to: Float32Array, options: FitOptions = {}): SimilarityTransform {
  checkPairs(from, to, options.weights)
  return fit(from, to, options, similarityOf)
}

/**
 * The affine map that brings points `from` [3n] nearest to `to` [3n] in the least squares sense.
 * @throws {InvalidInputError} when the lists disagree or `from` lies in a plane.
 */
export function fitAffine(from: Float32Array, to: Float32Array, options: FitOptions = {}): AffineTransform {
  checkPairs(from, to, options.weights)
  return fit(from, to, options, affineOf)
}

function fit<T extends AffineTransform>(
  from: Float32Array,
  to: Float32Array,
  { weights, robust = false }: FitOptions,
  solve: (moments: Moments) => T,
): T {
  const once = (w?: ArrayLike<number>): T => solve(momentsOf(from, to, w))
  return robust ? fitRobustly(from, to, weights, once) : once(weights)
}

function similarityOf({ meanFrom, meanTo, cross, spread }: Moments): SimilarityTransform {
  const { rotation } = nearestRotation(matrixOf(cross))
  const variance = spread[0]! + spread[4]! + spread[8]!
  const scale = rotation.reduce((sum, r, i) => sum + r * cross[i]!, 0) / variance
  const matrix = rotation.map((r) => scale * r) as unknown as Mat3
  return { rotation, scale, matrix, translation: shift(matrix, meanFrom, meanTo) }
}

function affineOf({ meanFrom, meanTo, cross, spread }: Moments): AffineTransform {
  const size = (spread[0]! + spread[4]! + spread[8]!) / 3
  const unit = matrixOf(spread.map((value) => value / size))
  // Points in a plane leave the direction across it open.
  expect(size > 0 && determinant(unit) > 1e-9, 'from', 'points that do not lie in a plane', 'points that do')
  // The spread is symmetric, and so is its inverse.
  const matrix = multiply(matrixOf(cross), inverseTranspose(matrixOf(spread)))
  return { matrix, translation: shift(matrix, meanFrom, meanTo) }
}

const matrixOf = (values: ArrayLike<number>): Mat3 => Array.from(values) as unknown as Mat3

function shift(m: Mat3, from: readonly number[], to: readonly number[]): [number, number, number] {
  const at = (k: number): number => to[k]! - m[3 * k]! * from[0]! - m[3 * k + 1]! * from[1]! - m[3 * k + 2]! * from[2]!
  return [at(0), at(1), at(2)]
}
