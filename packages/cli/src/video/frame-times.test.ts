import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { GrowingTimes, readTimes } from './frame-times.ts'

it('reads the times of frames, wherever the stream is cut, and nothing else', async () => {
  const text =
    'frame:0    pts:0       pts_time:0\n3ddfa=0\nframe:1    pts:41708   pts_time:0.04\n3ddfa=0\nframe:2 pts:NOPTS pts_time:NOPTS\n'
  const times: (number | undefined)[] = []
  for await (const time of readTimes(Readable.from([text.slice(0, 9), text.slice(9, 70), text.slice(70)])))
    times.push(time)
  expect(times).toEqual([0, 0.041708, undefined])
})

it('leaves growing times alone', () => {
  const times = new GrowingTimes({ frameRate: 25, timeBase: [1, 25] })
  expect([0.02, 0.06, 0.1, 0.5].map((time) => times.next(time))).toEqual([0.02, 0.06, 0.1, 0.5])
  expect(times.mended).toBe(0)
})

it('takes a time less than half a tick later for the same one, since times come rounded', () => {
  const times = new GrowingTimes({ frameRate: 30, timeBase: [1, 30_000] })
  // Ticks 1, 1 and 2, rounded to microseconds. The repeated one is put at 66.7, so that 67 is no later one.
  const out = [0.000033, 0.000033, 0.000067].map((time) => Math.round(times.next(time) * 30_000))
  expect(out).toEqual([1, 2, 3])
  expect(times.mended).toBe(2)
})

it('puts a tick after the last frame what does not grow, and a frame after it what has no time', () => {
  const times = new GrowingTimes({ frameRate: 20, timeBase: [1, 100] })
  const out = [undefined, 0, -3, 0.5, undefined, 0.5].map((time) => times.next(time))
  const wanted = [0, 0.01, 0.02, 0.5, 0.55, 0.56]
  out.forEach((time, i) => {
    expect(time).toBeCloseTo(wanted[i]!, 9)
  })
  expect(times.mended).toBe(5)
})
