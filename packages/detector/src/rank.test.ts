import { describe, expect, it } from 'vitest'
import { rankAbove } from './rank.ts'

describe('rankAbove', () => {
  it('takes what is above the threshold, best first, equal scores by index', () => {
    expect([...rankAbove([0.5, 0.9, 0.7, 0.9, 0.51], 0.5, 9)]).toEqual([1, 3, 2, 4])
  })

  it('reads one column of a table', () => {
    expect([...rankAbove([1, 0.2, 1, 0.9, 1, 0.8], 0.5, 9, 2, 1)]).toEqual([1, 2])
  })

  it('cuts to the best, not to the first', () => {
    expect([...rankAbove([0.6, 0.7, 0.8, 0.9], 0.5, 2)]).toEqual([3, 2])
  })

  it('leaves NaN out', () => {
    expect([...rankAbove([Number.NaN, 0.9], 0, 9)]).toEqual([1])
  })
})
