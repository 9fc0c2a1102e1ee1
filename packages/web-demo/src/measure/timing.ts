import { quantile } from '@3ddfa/core/evaluation'
import type { StageTime } from './types.ts'

const WARM_UP = 3
/** Steps of the clock in one sample: what is rounded off is then a twentieth at most. */
const STEPS_A_SAMPLE = 20
const MAX_SAMPLES = 500

export type Clock = () => number

/** Milliseconds by which a clock moves: browsers make them coarse, Firefox and Safari to whole milliseconds. */
export function clockStep(now: Clock): number {
  let step = Infinity
  for (let changes = 0, last = now(); changes < 5; ) {
    const time = now()
    if (time === last) continue
    step = Math.min(step, time - last)
    last = time
    changes++
  }
  return step
}

/**
 * Runs some work for `seconds`, five samples at least. A sample is one run, or as many as the clock can tell apart.
 * @param now milliseconds
 */
export async function timeOf(
  work: () => unknown,
  seconds: number,
  now: Clock = () => performance.now(),
): Promise<Omit<StageTime, 'stage'>> {
  const sampleTime = STEPS_A_SAMPLE * clockStep(now)
  for (let i = 0; i < WARM_UP; i++) await work()
  const sample = async (runs: number): Promise<number> => {
    const started = now()
    for (let i = 0; i < runs; i++) await work()
    return now() - started
  }
  const end = now() + 1000 * seconds
  let runs = 1
  const times: number[] = []
  while (times.length < 5 || (now() < end && times.length < MAX_SAMPLES)) {
    const time = await sample(runs)
    if (times.length === 0 && time < sampleTime) {
      // Not enough to tell by how much: ever more, until it is.
      runs = Math.ceil(runs * Math.max(2, time > 0 ? sampleTime / time : 10))
      continue
    }
    times.push(time / runs)
  }
  return { median: quantile(times, 0.5), p95: quantile(times, 0.95), runs: runs * times.length }
}
