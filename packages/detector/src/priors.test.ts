import { describe, expect, it } from 'vitest'
import { createPriors } from './priors.ts'

const level = (stride: number, size: number, density: number) => ({ stride, anchors: [{ size, density }] })

describe('createPriors', () => {
  it('puts a single anchor at the centre of each cell, row by row', () => {
    const priors = createPriors([level(32, 128, 1)], { width: 64, height: 33 })
    expect([...priors]).toEqual([
      ...[16, 16, 128, 128],
      ...[48, 16, 128, 128],
      ...[16, 48, 128, 128],
      ...[48, 48, 128, 128],
    ])
  })

  it('spreads dense anchors from the corner of the cell', () => {
    const priors = createPriors([level(32, 64, 2)], { width: 32, height: 32 })
    expect([...priors]).toEqual([...[0, 0, 64, 64], ...[16, 0, 64, 64], ...[0, 16, 64, 64], ...[16, 16, 64, 64]])
  })

  it('starts a level after the other, and a cell is never missing at the border', () => {
    const priors = createPriors([level(32, 32, 1), level(64, 256, 1)], { width: 1, height: 65 })
    expect(priors.length / 4).toBe(3 + 2)
    expect([...priors.subarray(12, 16)]).toEqual([32, 32, 256, 256])
  })
})
