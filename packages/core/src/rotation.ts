import { expect } from './errors.ts'

/** A 3x3 matrix, row-major. */
export type Mat3 = readonly [number, number, number, number, number, number, number, number, number]

const MAX_ITERATIONS = 50
/** Of the determinant at size 1, that of a rotation being 1. */
const SINGULAR = 1e-9

/**
 * The rotation nearest to `m` in the Frobenius norm, and the scale that goes with it (mean singular value), by Newton's
 * iteration for the polar decomposition (Higham 1986): X <- (X + X^-T) / 2, quadratic convergence.
 * @throws {InvalidInputError} when `m` is singular or mirrors (determinant <= 0).
 */
export function nearestRotation(m: Mat3): { rotation: Mat3; scale: number } {
  // Working on m / |m| keeps the determinant of a 5e-4 scaled camera far from underflow and the tolerance meaningful.
  const norm = sizeOf(m)
  let x = m.map((v) => v / norm) as unknown as Mat3
  expect(
    norm > 0 && determinant(x) > SINGULAR,
    'the 3x3 camera block',
    'a matrix near a scaled rotation',
    `determinant ${determinant(x)}`,
  )
  const start = x
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const inverse = inverseTranspose(x)
    const next = x.map((v, j) => (v + inverse[j]!) / 2) as unknown as Mat3
    const change = Math.max(...next.map((v, j) => Math.abs(v - x[j]!)))
    x = next
    if (change < 1e-15) break
  }
  const scale = (norm * start.reduce((sum, v, j) => sum + v * x[j]!, 0)) / 3
  return { rotation: x, scale }
}

/** Whether there is a rotation nearest to `m`: it is not singular and no mirror image. */
export function hasNearestRotation(m: Mat3): boolean {
  return determinant(m) > SINGULAR * sizeOf(m) ** 3
}

/** 1 for a rotation. */
function sizeOf(m: Mat3): number {
  return Math.hypot(...m) / Math.sqrt(3)
}

/** a b. */
export function multiply(a: Mat3, b: Mat3): Mat3 {
  const at = (i: number, j: number): number => a[3 * i]! * b[j]! + a[3 * i + 1]! * b[j + 3]! + a[3 * i + 2]! * b[j + 6]!
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)]
}

export function determinant(m: Mat3): number {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6])
}

export function transpose(m: Mat3): Mat3 {
  return [m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]]
}

/** The left 3x3 block of a camera's 12 numbers (3x4, row-major). */
export function cameraBlock(c: Float32Array): Mat3 {
  return [c[0]!, c[1]!, c[2]!, c[4]!, c[5]!, c[6]!, c[8]!, c[9]!, c[10]!]
}

/** Of a singular matrix its numbers are not finite. */
export function inverseTranspose(m: Mat3): Mat3 {
  const d = determinant(m)
  // The matrix of cofactors over the determinant.
  return [
    (m[4] * m[8] - m[5] * m[7]) / d,
    (m[5] * m[6] - m[3] * m[8]) / d,
    (m[3] * m[7] - m[4] * m[6]) / d,
    (m[2] * m[7] - m[1] * m[8]) / d,
    (m[0] * m[8] - m[2] * m[6]) / d,
    (m[1] * m[6] - m[0] * m[7]) / d,
    (m[1] * m[5] - m[2] * m[4]) / d,
    (m[2] * m[3] - m[0] * m[5]) / d,
    (m[0] * m[4] - m[1] * m[3]) / d,
  ]
}
