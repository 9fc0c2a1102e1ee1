import { expect, it } from 'vitest'
import { clock, describePace, Pace } from './pace.ts'

it('tells the rate and the remaining time of the last seconds, not of a slow start', () => {
  const pace = new Pace()
  expect(describePace(pace, 0, 100)).toBe('0 frames, 0.0 fps')
  pace.mark(0, 0, 0)
  for (let i = 1; i <= 100; i++) pace.mark(10_000 + i * 100, i * 5, i * 0.2)
  expect(pace.rate).toBeCloseTo(50)
  expect(describePace(pace, 500, 100)).toBe('500 frames, 50.0 fps, 0:40 left')
  expect(describePace(pace, 500, undefined)).toBe('500 frames, 50.0 fps')
  expect(pace.remaining(10)).toBe(0)
})

it.each([
  [0.2, '0:01'],
  [754, '12:34'],
  [3723, '1:02:03'],
])('%f s is %s', (seconds, text) => {
  expect(clock(seconds)).toBe(text)
})
