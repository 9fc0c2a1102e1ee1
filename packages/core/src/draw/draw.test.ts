import { describe, expect, it } from 'vitest'
import type { Face } from '../face-aligner.ts'
import { createImage } from '../image.ts'
import { poseFromParams, rotationFromAngles } from '../pose.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { renderShaded } from '../render/render-faces.ts'
import { toyFace } from '../toy-face.ts'
import { DRAWINGS, drawFaces, isDenseDrawing } from './draw-faces.ts'
import { drawLandmarks, drawPoints } from './landmarks.ts'
import { drawFaceNumber, drawNumber } from './numbers.ts'
import { drawPose, drawPoseAxes, drawPoseBox, POSE_DRAWINGS } from './pose.ts'
import { drawCircle, drawDisc, drawLine } from './primitives.ts'
import { DRAWING_STYLES } from './styles.ts'

const painted = (image: { data: ArrayLike<number> }) => Array.from(image.data).reduce((a, b) => a + b, 0) / 255 / 3
const WHITE = [255, 255, 255] as const

describe('primitives', () => {
  it('a disc covers pi r^2, wherever its centre lies between pixels', () => {
    for (const [x, y, r] of [
      [50, 50, 20],
      [50.3, 49.7, 12.5],
      [40.5, 60.5, 3],
    ] as const) {
      const image = createImage(100, 100)
      drawDisc(image, x, y, r, WHITE)
      expect(painted(image) / (Math.PI * r * r)).toBeCloseTo(1, 1.9)
    }
  })

  it('a circle covers its length times its width, and leaves its middle free', () => {
    const image = createImage(100, 100)
    drawCircle(image, 50.3, 49.7, 20, 3, WHITE)
    expect(painted(image) / (2 * Math.PI * 20 * 3)).toBeCloseTo(1, 1.9)
    expect(image.data[3 * (50 * 100 + 50)]).toBe(0)
  })

  it('a line covers its length times its width and two half discs', () => {
    const image = createImage(100, 100)
    drawLine(image, 20, 30, 80, 65, 6, WHITE)
    expect(painted(image) / (Math.hypot(60, 35) * 6 + Math.PI * 9)).toBeCloseTo(1, 1.9)
  })

  it('alpha mixes, parts outside are cut, nonsense draws nothing', () => {
    const image = createImage(10, 10, 4)
    drawDisc(image, 0, 0, 5, [200, 100, 0], 0.5)
    expect([...image.data.subarray(0, 4)]).toEqual([200, 100, 0, 128])
    drawLine(image, Number.NaN, 0, 5, 5, 2, WHITE)
    drawDisc(image, 1e9, 1e9, 5, WHITE)
    expect(image.data[4 * 99 + 3]).toBe(0)
  })
})

describe('numbers', () => {
  const WIDTH = 100
  const drawn = (draw: (image: ReturnType<typeof createImage>) => void) => {
    const image = createImage(WIDTH, 60)
    image.data.fill(100)
    draw(image)
    return image.data
  }
  /** Columns in which something was drawn, from the first to the last. */
  const columns = (data: ArrayLike<number>) => {
    const touched = Array.from(data, (value, i) => (value === 100 ? -1 : Math.floor(i / 3) % WIDTH)).filter(
      (x) => x >= 0,
    )
    return [Math.min(...touched), Math.max(...touched)] as const
  }

  it('are light on dark, each digit another, one beside the other', () => {
    const digits = Array.from({ length: 10 }, (_, digit) => drawn((image) => drawNumber(image, digit, 20, 20, 16)))
    expect(new Set(digits.map((data) => data.join())).size).toBe(10)
    for (const data of digits) expect([Math.min(...data), Math.max(...data)]).toEqual([0, 255])
    const [one, two] = [7, 77].map((value) => columns(drawn((image) => drawNumber(image, value, 20, 20, 16))))
    expect(two![1] - one![1]).toBeCloseTo(16 * 0.8, -0.5)
    expect(two![0]).toBe(one![0])
  })

  it('of faces stay within the picture, wherever these are', () => {
    for (const [x, y] of [
      [-40, -40],
      [95, 55],
      [30, 30],
    ]) {
      const landmarks = Float32Array.from({ length: 204 }, (_, i) => (i % 3 === 0 ? x! : y!) + (i % 7))
      const whole = columns(drawn((image) => drawFaceNumber(image, 12, landmarks)))
      expect(whole[1] - whole[0]).toBeGreaterThan(14)
    }
  })

  it('are whole', () => {
    for (const value of [-1, 1.5, Number.NaN, 1e9])
      expect(() => drawNumber(createImage(9, 9), value, 0, 0, 9)).toThrow(/Expected a whole number from 0/)
  })
})

describe('drawings of a face', () => {
  const landmarks = Float32Array.from({ length: 204 }, (_, i) =>
    i % 3 === 0 ? 20 + ((i / 3) % 17) * 4 : i % 3 === 1 ? 20 + Math.floor(i / 51) * 20 : 0,
  )
  const { pose } = {
    pose: poseFromParams({
      camera: Float32Array.from(
        [...rotationFromAngles({ pitch: 0, yaw: 0.6, roll: 0 })].flatMap((v, i) => (i % 3 === 2 ? [v, 0] : [v])),
      ),
    }),
  }

  it('lies over a transparent picture as over any other, with straight alpha', () => {
    const drawn = (over: number) => {
      const image = createImage(9, 9, 4)
      for (let i = 0; i < image.data.length; i += 4) image.data.set([100, 100, 100, over], i)
      drawDisc(image, 4, 4, 2, [200, 0, 0], 0.5)
      return Array.from(image.data.subarray(4 * (4 * 9 + 4), 4 * (4 * 9 + 4) + 4))
    }
    expect(drawn(255)).toEqual([150, 50, 50, 255])
    expect(drawn(0)).toEqual([200, 0, 0, 128])
    // Half of what is there is the disc's, a quarter the picture's: 2/3 and 1/3 of the colour.
    expect(drawn(128)).toEqual([167, 33, 33, 192])
  })

  it('refuses to draw every 0th point, which would never end', () => {
    for (const every of [0, -1, 1.5, Number.NaN])
      expect(() => drawPoints(createImage(9, 9), new Float32Array(6), { color: WHITE, alpha: 1, every })).toThrow(
        `Expected an integer of at least 1 for every but received ${every}.`,
      )
  })

  it('landmarks leave a dot at each point, dense points one at every n-th', () => {
    const image = createImage(110, 110)
    drawLandmarks(image, landmarks)
    for (let i = 0; i < 204; i += 3)
      expect(image.data[3 * (landmarks[i + 1]! * 110 + landmarks[i]!)]).toBeGreaterThan(150)
    const dots = createImage(110, 110)
    drawPoints(dots, Float32Array.of(10, 10, 0, 50, 50, 0, 90, 90, 0), { color: WHITE, alpha: 1, every: 2, radius: 1 })
    expect([10, 50, 90].map((p) => dots.data[3 * (p * 110 + p)])).toEqual([255, 0, 255])
    expect(() => drawLandmarks(image, new Float32Array(3))).toThrow(/204/)
  })

  it("a head turned towards the picture's left has its nose axis and the front of its box there", () => {
    const centre = 20 + 8 * 4
    const axes = createImage(220, 220)
    drawPoseAxes(axes, { landmarks, pose })
    const blue = Array.from({ length: 220 * 220 }, (_, i) => i).filter(
      (i) => axes.data[3 * i + 2]! > 200 && axes.data[3 * i]! < 100,
    )
    expect(Math.min(...blue.map((i) => i % 220))).toBeLessThan(centre - 10)
    const box = createImage(220, 220)
    drawPoseBox(box, { landmarks, pose })
    expect(painted(box)).toBeGreaterThan(50)
  })

  it('a pose is a box, axes or both', () => {
    const [box, axes, both] = POSE_DRAWINGS.map((as) => {
      const image = createImage(220, 220)
      drawPose(image, { landmarks, pose }, as, WHITE)
      return image
    })
    expect(painted(box!)).toBeGreaterThan(0)
    expect(painted(axes!)).toBeGreaterThan(0)
    expect(painted(both!)).toBeGreaterThan(Math.max(painted(box!), painted(axes!)))
  })

  it('an axis that points at the viewer lies over one that points away', () => {
    const r = Math.SQRT1_2
    // A head seen from behind, x and z on one line of the picture, x nearer.
    const image = createImage(220, 220)
    drawPoseAxes(image, {
      landmarks,
      pose: poseFromParams({ camera: Float32Array.of(-r, 0, -r, 0, 0, 1, 0, 0, r, 0, -r, 0) }),
    })
    const [x, y] = [20 + 8 * 4 - 10, Math.round(20 + (20 * 10) / 27)]
    const [red, , blue] = image.data.subarray(3 * (220 * y + x), 3 * (220 * y + x) + 3)
    expect(red! - blue!).toBeGreaterThan(100)
  })

  it('the dense-head style is in one colour, with hollow points', () => {
    const { landmarks: style, poseBox } = DRAWING_STYLES['dense-head']
    const image = createImage(220, 220)
    drawLandmarks(image, landmarks, { ...style, radius: 4 })
    drawPoseBox(image, { landmarks, pose }, poseBox)
    const { data } = image
    const others = Array.from({ length: 220 * 220 }, (_, i) => 3 * i).filter(
      (i) => data[i] !== data[i + 1] || Math.abs(data[i + 2]! - (data[i]! * 224) / 255) > 2,
    )
    expect(others).toEqual([])
    expect(painted(image)).toBeGreaterThan(1000)
  })

  describe('by name', () => {
    const { model, vertices } = toyFace()
    const engine = { model, backend: new ReferenceBackend() }
    const face = { landmarks, pose, vertices } as Face
    const drawn = (...[drawing, options, faces = [face]]: [string, object?, Face[]?]) => {
      const image = createImage(110, 110)
      drawFaces(image, faces, drawing as never, engine, options)
      return image
    }

    it('each is another picture, in each style, and faces without dense vertices do for some', () => {
      const pictures = DRAWINGS.flatMap((drawing) =>
        (['3ddfa', 'dense-head'] as const).map(
          (style) => [drawing, Buffer.from(drawn(drawing, { style }).data)] as const,
        ),
      )
      // Depth and coordinates have one style.
      expect(new Set(pictures.map(([, data]) => data.toString('base64'))).size).toBe(2 * DRAWINGS.length - 2)
      const { vertices: _, ...sparse } = face
      for (const drawing of DRAWINGS) {
        const draw = () => drawn(drawing, {}, [sparse as Face])
        if (isDenseDrawing(drawing)) expect(draw).toThrow(/dense vertices/)
        else expect(painted(draw())).toBeGreaterThan(0)
      }
    })

    it('opacity is that of the style unless given', () => {
      const expected = createImage(110, 110)
      renderShaded(expected, [face], model, engine.backend, { opacity: 0.6 })
      expect(drawn('mesh').data).toEqual(expected.data)
      expect(drawn('mesh', { opacity: undefined }).data).toEqual(expected.data)
      expect(painted(drawn('mesh', { opacity: 1 }))).toBeGreaterThan(1.5 * painted(expected))
    })
  })
})
