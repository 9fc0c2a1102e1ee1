import { checkPoints } from '../arrays.ts'
import { faceSize } from '../bounds.ts'
import { checkLandmarks } from '../check-face.ts'
import { expect } from '../errors.ts'
import { checkImage, type ImageView } from '../image.ts'
import { drawCircle, drawDisc, drawLine, type Rgb } from './primitives.ts'

/** Where the strokes of the 68 iBUG points begin: jaw, brows, nose, eyes, lips. */
const STROKES = [0, 17, 22, 27, 31, 36, 42, 48, 60, 68]
/** Ends that are joined: eyes, outer and inner lips. */
const CLOSING = [
  [41, 36],
  [47, 42],
  [59, 48],
  [67, 60],
] as const

export interface LandmarkStyle {
  readonly line: Rgb
  readonly dot: Rgb
  /** Around each dot; none unless given. */
  readonly dotEdge?: Rgb | undefined
  /** Circles in place of dots. False unless given. */
  readonly hollow?: boolean | undefined
  /** Share of the lines in the result, [0, 1]; 0.7 unless given. */
  readonly lineAlpha?: number | undefined
  /** Dot radius in pixels; a hundredth of the face's size, at least 1.2, unless given. */
  readonly radius?: number | undefined
}

export const LANDMARK_STYLE: LandmarkStyle = { line: [255, 255, 255], dot: [255, 255, 255], dotEdge: [0, 0, 0] }

/**
 * Draws the 68 landmarks ([204] x y z) as dots joined by strokes, in place (3DDFA_V2's `2d_sparse`).
 * @throws {InvalidInputError} for another number of landmarks, and a style without colours.
 */
export function drawLandmarks(image: ImageView, landmarks: Float32Array, style: LandmarkStyle = LANDMARK_STYLE): void {
  checkImage(image)
  checkLandmarks(landmarks)
  checkColor(style?.line, 'style.line')
  checkColor(style.dot, 'style.dot')
  const radius = style.radius ?? Math.max(1.2, faceSize(landmarks) / 100)
  const width = radius * (style.hollow ? 0.5 : 0.7)
  const stroke = (a: number, b: number): void =>
    drawLine(
      image,
      landmarks[3 * a]!,
      landmarks[3 * a + 1]!,
      landmarks[3 * b]!,
      landmarks[3 * b + 1]!,
      width,
      style.line,
      style.lineAlpha ?? 0.7,
    )
  for (const [a, b] of CLOSING) stroke(a, b)
  for (let i = 0; i < 67; i++) if (!STROKES.includes(i + 1)) stroke(i, i + 1)
  for (let i = 0; i < 204; i += 3) {
    const [x, y] = [landmarks[i]!, landmarks[i + 1]!]
    if (style.dotEdge) drawDisc(image, x, y, radius * 1.3, style.dotEdge, 0.8)
    if (style.hollow) drawCircle(image, x, y, radius, width, style.dot)
    else drawDisc(image, x, y, radius, style.dot, 0.9)
  }
}

export interface PointStyle {
  readonly color: Rgb
  /** Share of the colour in the pixel, [0, 1]. */
  readonly alpha: number
  /** Draws every n-th point; so many that some 6,400 are left unless given. */
  readonly every?: number | undefined
  /** Pixels; a 600th of the face's size, at least 0.4, unless given. */
  readonly radius?: number | undefined
}

export const POINT_STYLE: PointStyle = { color: [0, 191, 191], alpha: 0.7 }

/** How many points of a mesh show its form and still let the picture through: every sixth of the Basel model, as in 3DDFA_V2. */
const POINTS_DRAWN = 6400

/**
 * Draws dense vertices ([3n] x y z) as small dots, in place (3DDFA_V2's `2d_dense`).
 * @throws {InvalidInputError} when the vertices are no points, `every` is no integer of at least 1, and for a style without a colour.
 */
export function drawPoints(image: ImageView, vertices: Float32Array, style: PointStyle = POINT_STYLE): void {
  checkImage(image)
  checkPoints(vertices, 'vertices')
  checkColor(style?.color, 'style.color')
  const radius = style.radius ?? Math.max(0.4, faceSize(vertices) / 600)
  const every = style.every ?? Math.max(1, Math.round(vertices.length / 3 / POINTS_DRAWN))
  expect(Number.isInteger(every) && every >= 1, 'every', 'an integer of at least 1', every)
  for (let i = 0; i < vertices.length; i += 3 * every)
    drawDisc(image, vertices[i]!, vertices[i + 1]!, radius, style.color, style.alpha)
}

function checkColor(color: Rgb, name: string): void {
  expect(color?.length === 3, name, 'a colour [r, g, b]', color)
}
