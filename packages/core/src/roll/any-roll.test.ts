import { describe, expect, it } from 'vitest'
import type { FaceDetector } from '../detection.ts'
import { type Face, FaceAligner } from '../face-aligner.ts'
import { createImage, type ImageView } from '../image.ts'
import { poseFromParams, rotationFromAngles } from '../pose.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { turnedPoint } from '../testing.ts'
import { toyFace } from '../toy-face.ts'
import { turnImage } from './quarter-turns.ts'

const TURNS = [0, 1, 2, 3] as const

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

/** One face whose head leans by so many degrees to the right, around (middle, middle). */
function leaningFace(side: number, middle: number, degrees: number): ImageView {
  const image = createImage(side, side)
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  for (let t = 0; t < side * side; t++) {
    const [dx, dy] = [(t % side) - middle, Math.floor(t / side) - middle]
    const [along, up] = [cosine * dx + sine * dy, sine * dx - cosine * dy]
    if (Math.abs(along) < 12 && Math.abs(Math.abs(up) - 16) < 4) image.data[3 * t + (up > 0 ? 0 : 1)] = 255
  }
  return image
}

/** Degrees between a head's roll and what it is to be. */
function leanOf({ pose }: Pick<Face, 'pose'>, degrees: number): number {
  const difference = (pose.roll * 180) / Math.PI - degrees
  return Math.abs(difference - 360 * Math.round(difference / 360))
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
        expect(leanOf({ pose }, 90 * turns)).toBeLessThan(1)
        const errors = upright.map((face) => {
          const [x, y] = turnedPoint([face.landmarks[0]!, face.landmarks[1]!], turns, picture)
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
    const image = leaningFace(120, 60, 56)
    const [face] = await aligner.align(image, { boxes: [{ x1: 35, y1: 28, x2: 85, y2: 78, score: 1 }] })
    expect(face!.roi.quarterTurns).toBe(3)
    expect(log).toHaveLength(2)
    expect(log[0]).toBeCloseTo(56, -0.5)
    expect(log[1]).toBeCloseTo(-34, -0.5)
    expect((face!.pose.roll * 180) / Math.PI).toBeCloseTo(56, -0.5)
  })

  it('are found on the diagonal too, and the crop turned by the nearest quarter', async () => {
    const aligner = await open()
    for (const degrees of [45, 135, 225, 315]) {
      const image = leaningFace(120, 60, degrees)
      expect(await aligner.align(image)).toEqual([])
      const [face, ...more] = await aligner.align(image, { anyRoll: true })
      expect(more).toEqual([])
      expect(leanOf(face!, degrees)).toBeLessThan(3)
      const { x1, y1, x2, y2 } = face!.box!
      for (const middle of [(x1 + x2) / 2, (y1 + y2) / 2]) expect(Math.abs(middle - 60)).toBeLessThan(9)
    }
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
      const image = leaningFace(120, 30, 5 * frame)
      const { faces } = (await tracker.next(image, frame / 25))!
      expect(faces).toHaveLength(1)
      ids.add(faces[0]!.id)
      expect(leanOf(faces[0]!, 5 * frame)).toBeLessThan(6)
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
