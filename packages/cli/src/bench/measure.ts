import type { Measured } from './stage.ts'

export interface MeasureOptions {
  /** Seconds for each of the things that are compared. */
  readonly seconds: number
  /** At least so many rounds, however long they take. */
  readonly leastRounds: number
}

const MAX_ROUNDS = 5000
const WARM_UP = { runs: 3, milliseconds: 150 }

/**
 * Times several things in turns: in every round each of them once, in another order each time, so that a slow spell of the
 * machine meets all alike. Before that each runs until it is warm, which does not count.
 * @returns for each the milliseconds of every round; entries of one round belong together.
 */
export async function measureInTurns(things: readonly Measured[], options: MeasureOptions): Promise<number[][]> {
  for (const thing of things) await warmUp(thing)
  const times: number[][] = things.map(() => [])
  const end = performance.now() + 1000 * options.seconds * things.length
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (round >= options.leastRounds && performance.now() > end) break
    for (let k = 0; k < things.length; k++) {
      const i = (round + k) % things.length
      times[i]!.push(await time(things[i]!))
    }
  }
  return times
}

async function warmUp(thing: Measured): Promise<void> {
  const end = performance.now() + WARM_UP.milliseconds
  for (let i = 0; i < WARM_UP.runs || (performance.now() < end && i < 50); i++) await time(thing)
}

async function time({ run, per }: Measured): Promise<number> {
  const start = performance.now()
  const result = run()
  // Waiting for what is no promise would take a turn of the event loop.
  if (result instanceof Promise) await result
  return (performance.now() - start) / per
}
