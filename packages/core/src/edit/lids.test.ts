import { describe, expect, it } from 'vitest'
import { copyImage, createImage, type ImageView } from '../image.ts'
import { targetOver } from '../render/render-target.ts'
import { closeLids } from './lids.ts'

const [WIDTH, HEIGHT] = [200, 100]
const SKIN = [200, 150, 120]
const [WHITE, IRIS, LASH] = [
  [240, 240, 240],
  [30, 30, 30],
  [70, 50, 40],
]
const landmarks = Uint32Array.from({ length: 68 }, (_, i) => i)
const target = targetOver(createImage(WIDTH, HEIGHT), { x1: 0, y1: 0, x2: WIDTH, y2: HEIGHT })
target.depth.fill(0)

/** The points of a face whose eyes of 40 pixels are open by so much, from 0 to 1; turned by `angle` about the middle. */
function face(right: number, left: number, angle = 0): Float32Array {
  const points = new Float32Array(3 * 68)
  const put = (i: number, x: number, y: number): void => {
    const [dx, dy] = [x - WIDTH / 2, y - HEIGHT / 2]
    points[3 * i] = WIDTH / 2 + dx * Math.cos(angle) - dy * Math.sin(angle)
    points[3 * i + 1] = HEIGHT / 2 + dx * Math.sin(angle) + dy * Math.cos(angle)
  }
  for (const [first, brow, x, open] of [
    [36, 17, 40, right],
    [42, 22, 120, left],
  ] as const) {
    // Upper lids come down to the lower ones.
    const lid = 56 - 12 * open
    put(first, x, 50)
    put(first + 1, x + 13, lid)
    put(first + 2, x + 27, lid)
    put(first + 3, x + 40, 50)
    put(first + 4, x + 27, 56)
    put(first + 5, x + 13, 56)
    for (let k = 0; k < 5; k++) put(brow + k, x - 2 + 11 * k, 22)
  }
  return points
}

/** Both eyes as a camera sees them; upper lids `raised` above the fitted ones in their middle, corners so much `wider` apart on each side. */
function photograph(raised = 0, wider = 0): ImageView {
  const image = createImage(WIDTH, HEIGHT)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const across = (x % 80) - 40
      const share = (across + wider) / (40 + 2 * wider)
      const arc = 4 * share * (1 - share)
      const [upper, lower] = [50 - (7 + raised) * arc, 50 + 7 * arc]
      const isIris = Math.abs(across - 20) < 5
      const isEye = arc > 0 && x > 30 && x < 170 && y > upper && y < lower
      const isLash = arc > 0 && x > 30 && x < 170 && y <= upper && y > upper - 3
      const color = isEye ? (isIris ? IRIS : WHITE) : isLash ? LASH : SKIN
      image.data.set(color, 3 * (y * WIDTH + x))
    }
  return image
}

/** Pixels of an eye's half of the picture that are of the iris or the white. */
function eyeball({ data }: ImageView, side: 'right' | 'left'): number {
  let count = 0
  for (let i = 0; i < WIDTH * HEIGHT; i++)
    if (i % WIDTH < WIDTH / 2 === (side === 'right') && (data[3 * i]! < 50 || data[3 * i]! > 205)) count++
  return count
}

function closed(from: Float32Array, to: Float32Array, image = photograph(), seen = target): ImageView {
  const out = copyImage(image)
  closeLids(out, image, from, to, { landmarks }, seen)
  return out
}

const red = ({ data }: ImageView, x: number, y: number): number => data[3 * (y * WIDTH + x)]!

describe('lids that close', () => {
  it.each([
    [0, 0],
    [4, 0],
    [0, 4],
  ])(
    'bring lashes down and leave nothing of an eye that is %i pixels higher and %i wider than its fit',
    (raised, wider) => {
      const image = photograph(raised, wider)
      expect(eyeball(image, 'right')).toBeGreaterThan(300)
      const out = closed(face(1, 1), face(0, 0), image)
      for (const side of ['right', 'left'] as const) expect(eyeball(out, side)).toBeLessThan(0.1 * eyeball(image, side))
      expect(Math.min(...[53, 54, 55, 56, 57].map((y) => red(out, 60, y)))).toBeLessThan(LASH[0]! + 30)
      for (const y of [42, 45, 48]) expect(red(out, 60, y)).toBe(SKIN[0])
    },
  )

  it('change the one eye that winks alone, and nothing else', () => {
    const before = photograph()
    const out = closed(face(1, 1), face(0, 1))
    expect(eyeball(out, 'right')).toBeLessThan(0.1 * eyeball(before, 'right'))
    expect(eyeball(out, 'left')).toBe(eyeball(before, 'left'))
    const changed = [...out.data.keys()].filter((at) => out.data[at] !== before.data[at])
    for (const at of changed) {
      const [x, y] = [Math.floor(at / 3) % WIDTH, Math.floor(at / 3 / WIDTH)]
      if (Math.abs(x - 60) >= 20 || y <= 28 || y >= 61) expect({ x, y }).toBeUndefined()
    }
  })

  it('leave open what is still open, as it was', () => {
    const before = photograph()
    const out = closed(face(1, 1), face(0.5, 1))
    expect(eyeball(out, 'right')).toBeGreaterThan(0.3 * eyeball(before, 'right'))
    expect(eyeball(out, 'right')).toBeLessThan(0.7 * eyeball(before, 'right'))
    for (const x of [48, 57, 63, 72]) for (const y of [53, 54]) expect(red(out, x, y)).toBe(red(before, x, y))
    expect(Math.min(...[48, 49, 50, 51].map((y) => red(out, 60, y)))).toBeLessThan(LASH[0]! + 30)
  })

  it('change nothing where eyes open, or stay as they are', () => {
    const before = photograph()
    for (const [from, to] of [
      [face(0.5, 0.5), face(1, 1)],
      [face(1, 1), face(1, 1)],
      [face(0, 0), face(0, 0)],
    ] as const)
      expect(closed(from, to).data).toEqual(before.data)
  })

  it('leave a nose in front of an eye alone, and the background', () => {
    const before = photograph()
    // The right eye turns away from the camera by 60 degrees; what is in front of it lies towards the other one.
    const turned = (points: Float32Array) => points.map((value, i) => (i % 3 === 2 ? 1.7 * points[i - 2]! : value))
    const depth = target.depth.map((_, i) => 1.7 * (i % WIDTH))
    const out = closed(turned(face(1, 1)), turned(face(0, 1)), before, { ...target, depth })
    expect(eyeball(out, 'right')).toBeLessThan(0.1 * eyeball(before, 'right'))
    const changed = (hidden: Float32Array) =>
      closed(turned(face(1, 1)), turned(face(0, 1)), before, { ...target, depth: hidden }).data.some(
        (value, at) => value !== before.data[at],
      )
    expect(changed(depth)).toBe(true)
    expect(changed(depth.map((z) => z + 150))).toBe(false)
    expect(changed(depth.fill(-Infinity))).toBe(false)
  })

  it.each([0, Math.PI / 2, Math.PI, 2.2])('leave plain skin plain on a head turned by %f, or half outside', (angle) => {
    const image = createImage(WIDTH, HEIGHT)
    image.data.fill(180)
    for (const shift of [0, 70]) {
      const moved = (points: Float32Array) => points.map((value, i) => (i % 3 === 0 ? value + shift : value))
      expect(closed(moved(face(1, 1, angle)), moved(face(0, 0, angle)), image).data).toEqual(image.data)
    }
  })
})
