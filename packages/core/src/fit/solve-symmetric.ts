/**
 * Solves a x = b in place (Cholesky), a symmetric and positive: afterwards b holds x. Unknowns that nothing depends on become 0.
 * @param a [n][n]
 * @param b [n][columns] right sides
 */
export function solveSymmetric(a: Float64Array, b: Float64Array, n: number, columns: number): void {
  const least = 1e-9 * Math.max(...Array.from({ length: n }, (_, i) => a[i * n + i]!), Number.MIN_VALUE)
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      if (i === j) a[i * n + i] = sum > least ? Math.sqrt(sum) : Infinity
      else a[i * n + j] = sum / a[j * n + j]!
    }
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) b[i * columns + c]! -= a[i * n + k]! * b[k * columns + c]!
      b[i * columns + c]! /= a[i * n + i]!
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) b[i * columns + c]! -= a[k * n + i]! * b[k * columns + c]!
      b[i * columns + c]! /= a[i * n + i]!
    }
  }
}
