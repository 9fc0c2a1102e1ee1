import { describe, expect, it } from 'vitest'
import { createImage, type ImageView } from '../image.ts'
import { splitParams } from '../model.ts'
import { rotationFromAngles } from '../pose.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { roiFromBox } from '../roi.ts'
import { SparseDecoder } from '../sparse-decoder.ts'
import { random, turnedPoint } from '../testing.ts'
import { toyFace } from '../toy-face.ts'
import { type QuarterTurns, turnImage, unturnParams, unturnPoints, unturnRegion, withUpright } from './quarter-turns.ts'

const TURNS = [0, 1, 2, 3] as const

function noise(width: number, height: number, channels: 3 | 4 = 3): ImageView {
  const next = random(5)
  const image = createImage(width, height, channels)
  image.data.forEach((_, i) => {
    image.data[i] = Math.floor(256 * next())
  })
  return image
}

describe('quarter turns', () => {
  it.each([3, 4] as const)('move the pixels of a picture of %i channels clockwise', (channels) => {
    const image = noise(5, 3, channels)
    for (const turns of TURNS) {
      const out = turnImage(image, turns)
      expect([out.width, out.height, out.channels]).toEqual([...(turns % 2 ? [3, 5] : [5, 3]), channels])
      for (let y = 0; y < 3; y++)
        for (let x = 0; x < 5; x++) {
          const [tx, ty] = turnedPoint([x, y], turns, image)
          for (let k = 0; k < channels; k++)
            expect(out.data[(ty * out.width + tx) * channels + k]).toBe(image.data[(y * 5 + x) * channels + k])
        }
    }
  })

  it('of regions cut the same crop out of the turned picture', () => {
    const image = noise(20, 14)
    const backend = new ReferenceBackend()
    for (const turns of TURNS) {
      const region = { x1: 3, y1: 2, x2: 11, y2: 10 }
      const crop = createImage(4, 4)
      backend.resample(turnImage(image, turns), region, crop)
      const back = createImage(4, 4)
      backend.resample(image, unturnRegion(region, turns, image), back)
      expect([...turnImage(back, turns).data]).toEqual([...crop.data])
    }
  })

  it('of parameters and of points give what the picture itself shows', () => {
    const { model } = toyFace()
    const decoder = new SparseDecoder(model)
    const inputSize = 120
    const roi = { x1: 40, y1: 30, x2: 100, y2: 90 }
    const r = rotationFromAngles({ pitch: 0.2, yaw: -0.4, roll: 0.3 }).map((value) => 30 * value)
    const params = Float32Array.of(r[0]!, r[1]!, r[2]!, 55, r[3]!, r[4]!, r[5]!, 70, r[6]!, r[7]!, r[8]!, 9, 0, 0)
    const picture = { width: 300, height: 200, channels: 3 } as const
    for (const turns of TURNS) {
      const own = decoder.decode(splitParams(model, params), { roi, inputSize })
      const region = unturnRegion(roi, turns, picture)
      const back = unturnParams(params, turns, inputSize, 60)
      const seen = decoder.decode(splitParams(model, back), { roi: region, inputSize })
      const crop = Float32Array.from(own, (value, i) => (i % 3 === 2 ? value : value - (i % 3 ? roi.y1 : roi.x1)))
      unturnPoints(crop, turns, 60)
      for (let i = 0; i < own.length; i += 3) {
        const [x, y] = turnedPoint([seen[i]!, seen[i + 1]!], turns, picture)
        expect(x).toBeCloseTo(own[i]!, 3)
        expect(y).toBeCloseTo(own[i + 1]!, 3)
        expect(seen[i + 2]).toBeCloseTo(own[i + 2]!, 3)
        expect(crop[i]! + region.x1).toBeCloseTo(seen[i]!, 3)
        expect(crop[i + 1]! + region.y1).toBeCloseTo(seen[i + 1]!, 3)
      }
    }
  })

  it('of a box lower its region to where the chin is', () => {
    const picture = { width: 300, height: 200, channels: 3 } as const
    const box = { x1: 50, y1: 40, x2: 110, y2: 120 }
    for (const turns of TURNS) {
      const quarterTurns = turns || undefined
      const region = roiFromBox({ ...unturnRegion(box, turns, picture), quarterTurns })
      const expected = unturnRegion(roiFromBox(box), turns, picture)
      for (const side of ['x1', 'y1', 'x2', 'y2'] as const) expect(region[side]).toBeCloseTo(expected[side], 9)
      expect(region.quarterTurns).toBe(quarterTurns)
    }
  })

  it('bring a head upright that leans by more than 50 degrees, and leave one that does not', () => {
    const roi = { x1: 0, y1: 0, x2: 9, y2: 9 }
    const turnsOf = (degrees: number, now?: QuarterTurns) =>
      withUpright(roi, { rotation: rotationFromAngles({ pitch: 0.1, yaw: 0.2, roll: (degrees * Math.PI) / 180 }) }, now)
        .quarterTurns ?? 0
    expect([0, 40, -40, 60, -60, 100, 170, -170].map((degrees) => turnsOf(degrees))).toEqual([0, 0, 0, 3, 1, 3, 2, 2])
    // What leans by less is left as it is, so that it does not flip back and forth around 45 degrees.
    expect([turnsOf(43, 3), turnsOf(47, 0), turnsOf(30, 3), turnsOf(43, 1)]).toEqual([3, 0, 0, 0])
    // A head that is looked at from above does not say where up is.
    const above = rotationFromAngles({ pitch: Math.PI / 2, yaw: 0, roll: 0 })
    expect(withUpright(roi, { rotation: above }, 2).quarterTurns).toBe(2)
  })
})
