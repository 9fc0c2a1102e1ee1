import { expect, it } from 'vitest'
import { createImage } from '../image.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { turnDiagonally } from './diagonal.ts'

it.each([
  { width: 90, height: 40 },
  { width: 31, height: 70 },
  { width: 2400, height: 900 },
])('a picture of $width x $height is turned clockwise, whole, and boxes find back', ({ width, height }) => {
  const image = createImage(width, height)
  const unit = Math.max(width, height) / 30
  // A light square, not in the middle.
  const square = { x1: Math.round(0.6 * width), y1: Math.round(0.1 * height), x2: 0, y2: 0 }
  square.x2 = square.x1 + Math.round(3 * unit)
  square.y2 = square.y1 + Math.round(3 * unit)
  for (let y = square.y1; y < square.y2; y++)
    for (let x = square.x1; x < square.x2; x++) image.data.fill(255, 3 * (y * width + x), 3 * (y * width + x) + 3)
  const { image: turned, unturned } = turnDiagonally(image, new ReferenceBackend())
  expect(turned.width).toBe(turned.height)
  const lit = Array.from({ length: turned.width ** 2 }, (_, t) => t).filter((t) => turned.data[3 * t]! > 127)
  const scale = Math.min(1, 1920 / Math.max(width, height))
  // All of it is there.
  expect(lit.length / (Math.round(3 * unit) * scale) ** 2).toBeCloseTo(1, 0.7)
  const [xs, ys] = [lit.map((t) => t % turned.width), lit.map((t) => Math.floor(t / turned.width))]
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [cx, cy] = [mean(xs) + 0.5, mean(ys) + 0.5]
  const side = Math.sqrt(lit.length) / 2
  const box = unturned({ x1: cx - side, y1: cy - side, x2: cx + side, y2: cy + side, score: 0.7, quarterTurns: 2 })
  for (const edge of ['x1', 'y1', 'x2', 'y2'] as const) expect(Math.abs(box[edge] - square[edge])).toBeLessThan(1.5)
  expect([box.score, box.quarterTurns]).toEqual([0.7, 2])
  // Clockwise: what is right of the middle comes down.
  const far = turnDiagonally(spot(width, height), new ReferenceBackend()).image
  const at = far.data.indexOf(255) / 3
  expect(Math.floor(at / far.width)).toBeGreaterThan(far.height / 2)
})

/** Light at the right end of the middle row. */
function spot(width: number, height: number) {
  const image = createImage(width, height)
  for (let y = Math.floor(height / 2) - 2; y < height / 2 + 2; y++)
    image.data.fill(255, 3 * (y * width + width - 8), 3 * (y * width + width))
  return image
}
