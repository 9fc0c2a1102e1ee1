import { type Backend, createImage, type Roi } from '@3ddfa/core'
import type { Check } from './check.ts'
import { compareBits, firstOf, inPicture } from './compare.ts'
import { noise } from './render-checks.ts'

/** Picture width, height, channels; region; width and height of the result. */
type Case = readonly [number, number, 3 | 4, Roi, number, number]

const box = (x1: number, y1: number, x2: number, y2: number): Roi => ({ x1, y1, x2, y2 })

const CASES: readonly Case[] = [
  [97, 61, 3, box(0, 0, 97, 61), 97, 61],
  [97, 61, 3, box(0, 0, 97, 61), 48, 30],
  [96, 60, 3, box(0, 0, 96, 60), 48, 30],
  [97, 61, 4, box(0, 0, 97, 61), 211, 150],
  [97, 61, 3, box(10, 5, 60, 55), 120, 120],
  [97, 61, 4, box(-30, -20, 130, 140), 120, 120],
  [97, 61, 3, box(90, 55, 300, 265), 120, 120],
  [97, 61, 3, box(-200, -200, -10, -10), 33, 17],
  [97, 61, 3, box(200, 10, 240, 50), 33, 17],
  [97, 61, 4, box(96, 60, 97, 61), 7, 5],
  [97, 61, 3, box(-1, -1, 1, 1), 9, 9],
  [97, 61, 3, box(-5000, -5000, 5000, 5000), 120, 120],
  [1, 1, 3, box(0, 0, 1, 1), 5, 3],
  [1, 9, 4, box(0, 0, 1, 9), 4, 20],
  [640, 480, 3, box(0, 0, 640, 480), 320, 240],
  [640, 480, 4, box(17, 33, 391, 407), 120, 120],
]

export function resampleChecks(): Check[] {
  return [{ name: 'resample: the same bytes', run: (a, b) => firstOf(CASES.map((c) => resampled(c, a, b))) }]
}

function resampled([width, height, channels, roi, w, h]: Case, backend: Backend, reference: Backend) {
  const image = noise(width, height, channels)
  const [actual, expected] = [createImage(w, h), createImage(w, h)]
  backend.resample(image, roi, actual)
  reference.resample(image, roi, expected)
  const what = `${roi.x1} ${roi.y1} ${roi.x2} ${roi.y2} of ${width} x ${height} x ${channels} to ${w} x ${h}`
  return compareBits(what, actual.data, expected.data, inPicture(w, 3))
}
