import { faceSize, pointBounds } from '../bounds.ts'
import { checkLandmarks } from '../check-face.ts'
import { expect } from '../errors.ts'
import { checkImage, type ImageView } from '../image.ts'
import { drawLine, type Rgb } from './primitives.ts'

/** Strokes of each digit, corner by corner: x 0 to 2, y 0 to 4, down. */
const DIGITS: readonly (readonly (readonly [x: number, y: number])[])[] = [
  [
    [0, 0],
    [2, 0],
    [2, 4],
    [0, 4],
    [0, 0],
  ],
  [
    [0.2, 0.9],
    [1.2, 0],
    [1.2, 4],
  ],
  [
    [0, 0],
    [2, 0],
    [2, 2],
    [0, 2],
    [0, 4],
    [2, 4],
  ],
  [
    [0, 0],
    [2, 0],
    [2, 2],
    [0.6, 2],
    [2, 2],
    [2, 4],
    [0, 4],
  ],
  [
    [0.2, 0],
    [0, 2.4],
    [2, 2.4],
    [1.6, 2.4],
    [1.6, 0.8],
    [1.6, 4],
  ],
  [
    [2, 0],
    [0, 0],
    [0, 2],
    [2, 2],
    [2, 4],
    [0, 4],
  ],
  [
    [2, 0],
    [0, 0],
    [0, 4],
    [2, 4],
    [2, 2],
    [0, 2],
  ],
  [
    [0, 0],
    [2, 0],
    [0.8, 4],
  ],
  [
    [0, 2],
    [2, 2],
    [2, 0],
    [0, 0],
    [0, 4],
    [2, 4],
    [2, 2],
  ],
  [
    [2, 2],
    [0, 2],
    [0, 0],
    [2, 0],
    [2, 4],
    [0, 4],
  ],
]
/** From one digit to the next, and the widths of a stroke and of the dark around it, in the same unit. */
const ADVANCE = 3.2
const STROKE = 0.6
const AROUND = 1.5

const LIGHT: Rgb = [255, 255, 255]
const DARK: Rgb = [0, 0, 0]

/** Share of a face's size, and fewest pixels, that a number beside it is high. */
const HEIGHT = 1 / 7
const LEAST = 11

/**
 * Draws a whole number, light on dark, in place.
 * @param x left edge of its first digit, pixels
 * @param y its upper edge
 * @param height of its digits
 * @throws {InvalidInputError} unless it is a whole number from 0 to 999,999,999.
 */
export function drawNumber(image: ImageView, value: number, x: number, y: number, height: number): void {
  checkImage(image)
  expect(Number.isInteger(value) && value >= 0 && value < 1e9, 'value', 'a whole number from 0 to 999999999', value)
  const unit = height / 4
  for (const [width, color] of [
    [AROUND, DARK],
    [STROKE, LIGHT],
  ] as const)
    for (const [i, digit] of [...String(value)].entries()) {
      const [left, strokes] = [x + i * ADVANCE * unit, DIGITS[Number(digit)]!]
      strokes.slice(1).forEach(([ex, ey], s) => {
        const [sx, sy] = strokes[s]!
        drawLine(image, left + sx * unit, y + sy * unit, left + ex * unit, y + ey * unit, width * unit, color)
      })
    }
}

/** Draws a number at the upper left of a face ([204] landmarks), within the picture, in place. */
export function drawFaceNumber(image: ImageView, value: number, landmarks: Float32Array): void {
  checkImage(image)
  checkLandmarks(landmarks)
  const height = Math.max(LEAST, HEIGHT * faceSize(landmarks))
  const { x1, y1 } = pointBounds(landmarks)
  const edge = (height / 8) * AROUND
  const width = (height / 4) * ((String(value).length - 1) * ADVANCE + 2)
  const within = (at: number, length: number, side: number): number =>
    Math.max(edge, Math.min(at, side - edge - length))
  drawNumber(image, value, within(x1, width, image.width), within(y1 - 1.5 * height, height, image.height), height)
}
