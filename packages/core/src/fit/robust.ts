import type { AffineTransform } from './transform.ts'

const MAX_ITERATIONS = 30
/** Relative change of the scale below which another round moves nothing that matters. */
const SETTLED = 1e-4
/** Residuals beyond this many standard deviations count nothing (95 % efficiency on Gaussian noise). */
const TUKEY = 4.685
const MAX_SAMPLES = 5000
/** From the median of absolute values to the standard deviation of a Gaussian's three axes: 1 / sqrt(median of chi^2 with 3). */
const MEDIAN_TO_SIGMA = 0.6501

/**
 * Iteratively re-weighted least squares from a start in which all pairs count alike. Each round's scale is the median
 * residual, so up to half of the pairs may be wrong.
 */
export function fitRobustly<T extends AffineTransform>(
  from: Float32Array,
  to: Float32Array,
  given: ArrayLike<number> | undefined,
  solve: (weights?: ArrayLike<number>) => T,
): T {
  const n = from.length / 3
  const weights = new Float64Array(n)
  let transform = solve(given)
  let last = Infinity
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const residuals = residualsOf(transform, from, to)
    const sigma = MEDIAN_TO_SIGMA * medianOf(residuals, given)
    // A fit to rounding: nothing is left to weigh.
    if (!(sigma > 1e-9) || Math.abs(last - sigma) < SETTLED * sigma) break
    last = sigma
    for (let i = 0; i < n; i++) {
      const share = residuals[i]! / (TUKEY * sigma)
      weights[i] = share < 1 ? (given ? given[i]! : 1) * (1 - share * share) ** 2 : 0
    }
    transform = solve(weights)
  }
  return transform
}

/** [n] distances from the moved points to where they should be. */
function residualsOf(
  { matrix: m, translation: t }: AffineTransform,
  from: Float32Array,
  to: Float32Array,
): Float64Array {
  const out = new Float64Array(from.length / 3)
  for (let i = 0; i < out.length; i++) {
    const x = from[3 * i]!
    const y = from[3 * i + 1]!
    const z = from[3 * i + 2]!
    const dx = m[0] * x + m[1] * y + m[2] * z + t[0] - to[3 * i]!
    const dy = m[3] * x + m[4] * y + m[5] * z + t[1] - to[3 * i + 1]!
    const dz = m[6] * x + m[7] * y + m[8] * z + t[2] - to[3 * i + 2]!
    // Not Math.hypot, which takes ten times as long.
    out[i] = Math.sqrt(dx * dx + dy * dy + dz * dz)
  }
  return out
}

/** Of a few thousand residuals at even steps: sorting all of them would take as long as the fit. */
function medianOf(residuals: Float64Array, weights: ArrayLike<number> | undefined): number {
  const step = Math.ceil(residuals.length / MAX_SAMPLES)
  const sample: number[] = []
  for (let i = 0; i < residuals.length; i += step) if (!weights || weights[i]! > 0) sample.push(residuals[i]!)
  const sorted = Float64Array.from(sample).sort()
  return sorted[sorted.length >> 1] ?? 0
}
