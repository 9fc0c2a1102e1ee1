import { quantile } from '@3ddfa/core/evaluation'

/** Milliseconds of repeated runs. */
export interface Timing {
  readonly median: number
  readonly p95: number
  readonly min: number
  readonly runs: number
}

export function summarize(milliseconds: readonly number[]): Timing {
  const at = (q: number): number => quantile(milliseconds, q)
  return { median: at(0.5), p95: at(0.95), min: at(0), runs: milliseconds.length }
}

/** Runs `body` until `budget` milliseconds are over (at least 5 times), after `warmup` runs that do not count. */
export async function measure(
  body: () => unknown,
  { warmup = 5, budget = 1000 }: { warmup?: number; budget?: number } = {},
): Promise<Timing> {
  for (let i = 0; i < warmup; i++) await body()
  const times: number[] = []
  const end = performance.now() + budget
  while (times.length < 5 || (performance.now() < end && times.length < 2000)) {
    const start = performance.now()
    await body()
    times.push(performance.now() - start)
  }
  return summarize(times)
}
