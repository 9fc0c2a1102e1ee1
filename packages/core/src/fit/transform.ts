import { expect } from '../errors.ts'
import { determinant, inverseTranspose, type Mat3, transpose } from '../rotation.ts'

/** An affine map of points: p -> matrix * p + translation. */
export interface AffineTransform {
  /** Row-major. */
  readonly matrix: Mat3
  readonly translation: readonly [number, number, number]
}

/** A rotation with a scale and a shift: p -> scale * rotation * p + translation. Its `matrix` is scale * rotation. */
export interface SimilarityTransform extends AffineTransform {
  readonly rotation: Mat3
  readonly scale: number
}

/**
 * Points [3n] moved, into `out` when given (which may be `points`).
 * @throws {InvalidInputError} when they are no points, or `out` has another length.
 */
export function transformPoints(
  transform: AffineTransform,
  points: Float32Array,
  out: Float32Array = new Float32Array(points?.length ?? 0),
): Float32Array {
  checkTransform(transform)
  const { matrix: m, translation: t } = transform
  expect(points?.length % 3 === 0, 'points', 'a multiple of 3 numbers', points)
  expect(out.length === points.length, 'out', `${points.length} numbers`, out)
  for (let i = 0; i < points.length; i += 3) {
    const x = points[i]!
    const y = points[i + 1]!
    const z = points[i + 2]!
    for (let k = 0; k < 3; k++) out[i + k] = m[3 * k]! * x + m[3 * k + 1]! * y + m[3 * k + 2]! * z + t[k]!
  }
  return out
}

/** The map back. @throws {InvalidInputError} when there is none (the matrix flattens). */
export function invertTransform(transform: AffineTransform): AffineTransform {
  checkTransform(transform)
  const { matrix: m, translation: t } = transform
  const size = determinant(m)
  expect(Math.abs(size) > 0, 'the matrix', 'one that can be inverted', `determinant ${size}`)
  const inverse = transpose(inverseTranspose(m))
  const back = (k: number): number =>
    -(inverse[3 * k]! * t[0] + inverse[3 * k + 1]! * t[1] + inverse[3 * k + 2]! * t[2])
  return { matrix: inverse, translation: [back(0), back(1), back(2)] }
}

function checkTransform(transform: AffineTransform): void {
  const fits = transform?.matrix?.length === 9 && transform.translation?.length === 3
  expect(fits, 'transform', 'a transform, { matrix, translation },', transform)
}
