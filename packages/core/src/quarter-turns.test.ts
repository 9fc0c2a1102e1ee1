import { describe, expect, it } from 'vitest'
import type { FaceDetector } from './detection.ts'
import { FaceAligner } from './face-aligner.ts'
import { createImage, type ImageView } from './image.ts'
import { splitParams } from './model.ts'
import { poseFromParams, rotationFromAngles } from './pose.ts'
import { type QuarterTurns, turnImage, unturnParams, unturnPoints, unturnRegion, withUpright } from './quarter-turns.ts'
import { ReferenceBackend } from './reference/reference-backend.ts'
import { roiFromBox } from './roi.ts'
import { SparseDecoder } from './sparse-decoder.ts'
import { random } from './testing.ts'
import { toyFace } from './toy-face.ts'

const TURNS = [0, 1, 2, 3] as const

function noise(width: number, height: number, channels: 3 | 4 = 3): ImageView {
  const next = random(5)
  const image = createImage(width, height, channels)
  image.data.forEach((_, i) => {
    image.data[i] = Math.floor(256 * next())
  })
  return image
}

/** Where the middle of a pixel of a picture of this size is after the turns. */
function turned([x, y]: readonly [number, number], turns: QuarterTurns, { width, height }: Omit<ImageView, 'data'>) {
  return (
    [
      [x, y],
      [height - 1 - y, x],
      [width - 1 - x, height - 1 - y],
      [y, width - 1 - x],
    ] as const
  )[turns]
}

describe('quarter turns', () => {
  it.each([3, 4] as const)('move the pixels of a picture of %i channels clockwise', (channels) => {
    const image = noise(5, 3, channels)
    for (const turns of TURNS) {
      const out = turnImage(image, turns)
      expect([out.width, out.height, out.channels]).toEqual([...(turns % 2 ? [3, 5] : [5, 3]), channels])
      for (let y = 0; y < 3; y++)
        for (let x = 0; x < 5; x++) {
          const [tx, ty] = turned([x, y], turns, image)
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
        const [x, y] = turned([seen[i]!, seen[i + 1]!], turns, picture)
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

/** A face is a red stroke, its brow, and a green one, its chin, below it. */
function drawnFaces(width: number, height: number, faces: readonly (readonly [x: number, y: number])[]): ImageView {
  const image = createImage(width, height)
  for (const [cx, cy] of faces)
    for (let dx = -12; dx < 12; dx++)
      for (let dy = 0; dy < 8; dy++) {
        image.data[3 * ((cy - 20 + dy) * width + cx + dx)] = 255
        image.data[3 * ((cy + 12 + dy) * width + cx + dx) + 1] = 255
      }
  return image
}

/** Means of where red, of a brow, and green, of a chin, are within a region; NaN where there is none. */
function strokes({ data, width }: ImageView, x1: number, y1: number, x2: number, y2: number) {
  const sums = [0, 1].map(() => ({ x: 0, y: 0, weight: 0 }))
  for (let y = y1; y < y2; y++)
    for (let x = x1; x < x2; x++)
      sums.forEach((sum, k) => {
        const weight = data[3 * (y * width + x) + k]!
        sum.x += weight * x
        sum.y += weight * y
        sum.weight += weight
      })
  const [brow, chin] = sums.map(({ x, y, weight }) => ({ x: x / weight, y: y / weight }))
  return { brow: brow!, chin: chin! }
}

/** Sees upright faces on a grid of places, and, less surely, those upside down. */
const detector: FaceDetector = {
  id: 'strokes',
  detect: async (image) => {
    const boxes = []
    for (let y1 = 0; y1 + 60 <= image.height; y1 += 60)
      for (let x1 = 0; x1 + 60 <= image.width; x1 += 60) {
        const { brow, chin } = strokes(image, x1, y1, x1 + 60, y1 + 60)
        const score = !(Math.abs(brow.x - chin.x) <= 5) ? 0 : brow.y < chin.y ? 0.9 : 0.8
        if (score > 0) boxes.push({ x1: x1 + 5, y1: y1 + 5, x2: x1 + 55, y2: y1 + 55, score })
      }
    return boxes
  },
  dispose: async () => {},
}

const { model } = toyFace()

/** Sees heads upright or up to 60 degrees beside it; of others it gives a stretched one that it takes for upright. */
function regressor(log: number[] = []) {
  return {
    id: 'strokes',
    inputSize: 60,
    regress: async (crops: readonly ImageView[]) =>
      crops.map((crop) => {
        const { brow, chin } = strokes(crop, 0, 0, 60, 60)
        const lean = Math.atan2(brow.x - chin.x, chin.y - brow.y)
        if (Number.isNaN(lean)) return new Float32Array(14)
        log.push(Math.round((lean * 180) / Math.PI))
        const isSeen = Math.abs(lean) < 1.05
        const size = 0.87 * Math.hypot(brow.x - chin.x, brow.y - chin.y)
        const r = rotationFromAngles({ pitch: 0, yaw: 0, roll: isSeen ? lean : 0 }).map((value) => size * value)
        const [x, y] = [(brow.x + chin.x) / 2 + 1, 60 - (brow.y + chin.y) / 2]
        const stretch = isSeen ? 1 : 1.9
        return Float32Array.of(r[0]! * stretch, r[1]!, r[2]!, x, r[3]!, r[4]!, r[5]!, y, r[6]!, r[7]!, r[8]!, 1, 0, 0)
      }),
    dispose: async () => {},
  }
}

const open = (log?: number[]) =>
  FaceAligner.create({ detector, regressor: regressor(log), model, backend: new ReferenceBackend() })

describe('faces of any roll', () => {
  const picture = drawnFaces(180, 120, [
    [30, 30],
    [150, 90],
  ])

  it('are found once each, and stand as they do in the picture, whichever way this is turned', async () => {
    const aligner = await open()
    const upright = await aligner.align(picture)
    for (const turns of TURNS) {
      const image = turnImage(picture, turns)
      const faces = await aligner.align(image, { anyRoll: true })
      expect(faces).toHaveLength(2)
      for (const { landmarks, pose, roi, box } of faces) {
        expect(roi.quarterTurns ?? 0).toBe((4 - turns) % 4)
        expect(box!.quarterTurns ?? 0).toBe((4 - turns) % 4)
        const lean = (pose.roll * 180) / Math.PI - 90 * turns
        expect(Math.abs(lean - 360 * Math.round(lean / 360))).toBeLessThan(1)
        const errors = upright.map((face) => {
          const [x, y] = turned([face.landmarks[0]!, face.landmarks[1]!], turns, picture)
          return Math.hypot(x - landmarks[0]!, y - landmarks[1]!)
        })
        expect(Math.min(...errors)).toBeLessThan(1)
      }
    }
  })

  it('are missed or taken for something else unless they are asked for', async () => {
    const aligner = await open()
    expect(await aligner.align(turnImage(picture, 1))).toEqual([])
    const [face] = await aligner.align(turnImage(picture, 2))
    expect(Math.abs(face!.pose.roll)).toBeLessThan(0.1)
  })

  it('are looked at upright the second time, even where they were found leaning', async () => {
    const log: number[] = []
    const aligner = await open(log)
    // By 56 degrees to the right.
    const image = createImage(120, 120)
    for (let t = 0; t < 14400; t++) {
      const [dx, dy] = [(t % 120) - 60, Math.floor(t / 120) - 60]
      const up = 0.83 * dx - 0.56 * dy
      const side = 0.56 * dx + 0.83 * dy
      if (Math.abs(side) < 12 && up > 12 && up < 20) image.data[3 * t] = 255
      if (Math.abs(side) < 12 && up < -12 && up > -20) image.data[3 * t + 1] = 255
    }
    const [face] = await aligner.align(image, { boxes: [{ x1: 35, y1: 28, x2: 85, y2: 78, score: 1 }] })
    expect(face!.roi.quarterTurns).toBe(3)
    expect(log).toHaveLength(2)
    expect(log[0]).toBeCloseTo(56, -0.5)
    expect(log[1]).toBeCloseTo(-34, -0.5)
    expect((face!.pose.roll * 180) / Math.PI).toBeCloseTo(56, -0.5)
  })

  it('are given by `detect` too, and their boxes taken', async () => {
    const aligner = await open()
    const image = turnImage(picture, 3)
    const boxes = await aligner.detect(image, { anyRoll: true })
    expect(boxes.map(({ score, quarterTurns }) => [score, quarterTurns])).toEqual([
      [0.9, 1],
      [0.9, 1],
    ])
    const faces = await aligner.align(image, { boxes })
    expect(faces.map(({ roi }) => roi.quarterTurns)).toEqual([1, 1])
    await expect(aligner.align(image, { boxes: [{ ...boxes[0]!, quarterTurns: 4 as never }] })).rejects.toThrow(
      'Expected 0, 1, 2 or 3 for boxes[0].quarterTurns but received 4.',
    )
  })

  it('are followed all the way round', async () => {
    const aligner = await open()
    const tracker = aligner.tracker({ smoothing: 'none' })
    const ids = new Set<number>()
    for (let frame = 0; frame < 72; frame++) {
      const angle = (frame * Math.PI) / 36
      const image = createImage(120, 120)
      for (let t = 0; t < 14400; t++) {
        const [dx, dy] = [(t % 120) - 30, Math.floor(t / 120) - 30]
        const up = Math.sin(angle) * dx - Math.cos(angle) * dy
        const side = Math.cos(angle) * dx + Math.sin(angle) * dy
        if (Math.abs(side) < 12 && Math.abs(Math.abs(up) - 16) < 4) image.data[3 * t + (up > 0 ? 0 : 1)] = 255
      }
      const { faces } = (await tracker.next(image, frame / 25))!
      expect(faces).toHaveLength(1)
      ids.add(faces[0]!.id)
      const error = faces[0]!.pose.roll - angle
      expect(Math.abs(error - 2 * Math.PI * Math.round(error / (2 * Math.PI)))).toBeLessThan(0.1)
    }
    expect([...ids]).toEqual([1])
  })

  it('reach the tracker’s detector', async () => {
    const aligner = await open()
    const image = turnImage(picture, 1)
    expect((await aligner.tracker().next(image, 0))!.faces).toEqual([])
    const { faces } = (await aligner.tracker({ anyRoll: true }).next(image, 0))!
    expect(faces.map(({ roi }) => roi.quarterTurns)).toEqual([3, 3])
    for (const { params } of faces)
      expect(poseFromParams({ camera: params.subarray(0, 12) }).roll).toBeCloseTo(Math.PI / 2, 1)
  })
})
