import { describe, expect, it } from 'vitest'
import { copyImage, createImage, type ImageView } from '../image.ts'
import { targetOver } from '../render/render-target.ts'
import { closeLids } from './lids.ts'

const [WIDTH, HEIGHT] = [200, 100]
const SKIN = [200, 150, 120]
const DARK = 30
const landmarks = Uint32Array.from({ length: 68 }, (_, i) => i)
const target = targetOver(createImage(WIDTH, HEIGHT), { x1: 0, y1: 0, x2: WIDTH, y2: HEIGHT })

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

/** Both eyes, painted higher and lower than the fit has them, as lashes are. */
function photograph(): ImageView {
  const image = createImage(WIDTH, HEIGHT)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const isEye = [60, 140].some((cx) => ((x - cx) / 18) ** 2 + ((y - 50) / 11) ** 2 < 1)
      image.data.set(isEye ? [DARK, DARK, DARK] : SKIN, 3 * (y * WIDTH + x))
    }
  return image
}

/** Pixels of an eye's half of the picture that are as dark as the iris. */
function dark({ data }: ImageView, side: 'right' | 'left'): number {
  let count = 0
  for (let i = 0; i < WIDTH * HEIGHT; i++)
    if (i % WIDTH < WIDTH / 2 === (side === 'right') && data[3 * i]! < 60) count++
  return count
}

function closed(from: Float32Array, to: Float32Array, image = photograph()): ImageView {
  const out = copyImage(image)
  closeLids(out, from, to, { landmarks }, target)
  return out
}

describe('lids that close', () => {
  it('leave no iris, but a line of lashes', () => {
    const out = closed(face(1, 1), face(0, 0))
    for (const side of ['right', 'left'] as const) expect(dark(out, side)).toBe(0)
    const red = (x: number, y: number) => out.data[3 * (y * WIDTH + x)]!
    expect(Math.min(...[54, 55, 56, 57].map((y) => red(60, y)))).toBeLessThan(0.6 * SKIN[0]!)
    for (const y of [44, 48, 51]) expect(red(60, y)).toBeGreaterThan(0.9 * SKIN[0]!)
  })

  it('change the one eye that winks alone, and nothing else', () => {
    const before = photograph()
    const out = closed(face(1, 1), face(0, 1))
    expect(dark(out, 'right')).toBe(0)
    expect(dark(out, 'left')).toBe(dark(before, 'left'))
    const changed = [...out.data.keys()].filter((at) => out.data[at] !== before.data[at])
    for (const at of changed) {
      const [x, y] = [Math.floor(at / 3) % WIDTH, Math.floor(at / 3 / WIDTH)]
      if (Math.abs(x - 60) >= 28 || y <= 28 || y >= 66) expect({ x, y }).toBeUndefined()
    }
  })

  it('leave open what is still open', () => {
    const half = dark(closed(face(1, 1), face(0.5, 1)), 'right')
    expect(half).toBeGreaterThan(0.1 * dark(photograph(), 'right'))
    expect(half).toBeLessThan(0.6 * dark(photograph(), 'right'))
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

  it.each([0, Math.PI / 2, Math.PI, 2.2])(
    'draw lashes, and no light, on a head turned by %f, or half outside',
    (angle) => {
      const image = createImage(WIDTH, HEIGHT)
      image.data.fill(180)
      for (const shift of [0, 70]) {
        const moved = (points: Float32Array) => points.map((value, i) => (i % 3 === 0 ? value + shift : value))
        const { data } = closed(moved(face(1, 1, angle)), moved(face(0, 0, angle)), image)
        const levels = Uint8Array.from(data).sort()
        expect(levels.at(-1)).toBe(180)
        expect(levels[0]).toBeLessThan(120)
      }
    },
  )
})
