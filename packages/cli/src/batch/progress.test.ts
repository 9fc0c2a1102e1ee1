import { expect, it } from 'vitest'
import { describeDuration, describeState } from './progress.ts'

it.each([
  [{ before: 0, done: 0, total: undefined, seconds: 3 }, '0 pictures'],
  [{ before: 5, done: 0, total: 20, seconds: 3 }, '5 of 20 pictures'],
  [{ before: 0, done: 40, total: undefined, seconds: 8 }, '40 pictures, 5.0 a second'],
  [{ before: 100, done: 40, total: 640, seconds: 8 }, '140 of 640 pictures, 5.0 a second, 1 min 40 s left'],
  // A list may name pictures twice, and folders may grow.
  [{ before: 0, done: 40, total: 30, seconds: 8 }, '40 of 30 pictures, 5.0 a second, 0 s left'],
])('%j: %s', (state, text) => {
  expect(describeState(state)).toBe(text)
})

it.each([
  [0, '0 s'],
  [59.2, '1 min 0 s'],
  [3599, '59 min 59 s'],
  [7500, '2 h 5 min'],
])('%d seconds: %s', (seconds, text) => {
  expect(describeDuration(seconds)).toBe(text)
})
