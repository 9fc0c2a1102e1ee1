import { describe, expect, it } from 'vitest'
import { clockStep, timeOf } from './timing.ts'

/** Time that passes by `work` alone, and a little by every look at a clock that moves by whole steps. */
function world(step: number) {
  let time = 0.3 * step
  return {
    work: (milliseconds: number) => () => {
      time += milliseconds
    },
    now: () => {
      time += step / 1000
      return Math.floor(time / step) * step
    },
  }
}

describe('timing', () => {
  it.each([1, 0.1, 0.005])('finds by what a clock moves: %s ms', (step) => {
    expect(clockStep(world(step).now)).toBeCloseTo(step, 9)
  })

  it.each([
    [1, 0.07],
    [1, 3.3],
    [1, 51.4],
    [0.1, 0.07],
    [0.005, 0.07],
  ])('tells times that its clock cannot: step %s ms, work %s ms', async (step, milliseconds) => {
    const { now, work } = world(step)
    const { median, p95, runs } = await timeOf(work(milliseconds), 0.5, now)
    expect(Math.abs(median / milliseconds - 1)).toBeLessThan(0.06)
    expect(Math.abs(p95 / milliseconds - 1)).toBeLessThan(0.06)
    expect(runs).toBeGreaterThanOrEqual(5)
  })

  it('takes time that varies as it is', async () => {
    const { now, work } = world(0.005)
    let run = 0
    const { median, p95 } = await timeOf(() => work(++run % 10 === 0 ? 20 : 1)(), 1, now)
    expect(median).toBeCloseTo(1, 1)
    expect(p95).toBeCloseTo(20, 1)
  })
})
