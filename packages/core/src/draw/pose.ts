import { faceSize } from '../bounds.ts'
import { checkFace } from '../check-face.ts'
import { expectOneOf } from '../errors.ts'
import type { Face } from '../face-aligner.ts'
import { checkImage, type ImageView } from '../image.ts'
import type { Mat3 } from '../rotation.ts'
import { drawLine, type Rgb } from './primitives.ts'

/** What the head pose is drawn as: a box around the face, its axes, or both. */
export const POSE_DRAWINGS = ['box', 'axes', 'both'] as const
export type PoseDrawing = (typeof POSE_DRAWINGS)[number]

/** Of 3DDFA_V2's box. */
export const POSE_BOX_COLOR: Rgb = [0, 255, 40]
/** A frustum: a square at the head's back, a larger one in front, in units of a third of the face's diagonal. */
const REAR = 1
const FRONT = 4 / 3
const CORNERS = [
  [-1, -1],
  [-1, 1],
  [1, 1],
  [1, -1],
] as const
/** The landmarks of jaw and brows, which the box is centred on. */
const CENTRE_COUNT = 27

type PosedFace = Pick<Face, 'landmarks' | 'pose'>

/** Draws the head pose, in place. */
export function drawPose(image: ImageView, face: PosedFace, as: PoseDrawing, boxColor?: Rgb): void {
  expectOneOf(POSE_DRAWINGS, as, 'the drawing of pose')
  if (as !== 'axes') drawPoseBox(image, face, boxColor)
  if (as !== 'box') drawPoseAxes(image, face)
}

/** Draws the head pose as a box around the face, its larger side in front, in place (3DDFA_V2's `pose`). */
export function drawPoseBox(image: ImageView, face: PosedFace, color: Rgb = POSE_BOX_COLOR): void {
  checkImage(image)
  checkFace(face)
  const { landmarks, pose } = face
  const unit = (faceSize(landmarks) * Math.SQRT2) / 3
  const [cx, cy] = centre(landmarks)
  const square = (size: number, z: number): [number, number][] =>
    CORNERS.map(([x, y]) => project(pose.rotation, x * size * unit, y * size * unit, z * unit))
  const rear = square(REAR, 0)
  const front = square(FRONT, FRONT)
  const shift = [0, 1].map((axis) => [cx, cy][axis]! - rear.reduce((sum, p) => sum + p[axis]!, 0) / 4)
  const width = lineWidth(landmarks)
  const line = (a: [number, number], b: [number, number]): void =>
    drawLine(image, a[0] + shift[0]!, a[1] + shift[1]!, b[0] + shift[0]!, b[1] + shift[1]!, width, color)
  for (let i = 0; i < 4; i++) {
    line(rear[i]!, rear[(i + 1) % 4]!)
    line(front[i]!, front[(i + 1) % 4]!)
    line(rear[i]!, front[i]!)
  }
}

/**
 * Draws the head's axes from its centre, in place: x (to the picture's right on a frontal face) red, y (up) green, z (forwards)
 * blue; what points towards the viewer lies over what points away.
 */
export function drawPoseAxes(image: ImageView, face: PosedFace): void {
  checkImage(image)
  checkFace(face)
  const { landmarks, pose } = face
  const length = faceSize(landmarks) / 2
  const [cx, cy] = centre(landmarks)
  const axes: [number, number, number, Rgb][] = [
    [1, 0, 0, [255, 40, 40]],
    [0, 1, 0, [40, 220, 40]],
    [0, 0, 1, [60, 90, 255]],
  ]
  const r = pose.rotation
  const depth = ([x, y, z]: (typeof axes)[number]): number => r[6] * x + r[7] * y + r[8] * z
  for (const [x, y, z, color] of axes.toSorted((a, b) => depth(a) - depth(b))) {
    const [dx, dy] = project(pose.rotation, x * length, y * length, z * length)
    drawLine(image, cx, cy, cx + dx, cy + dy, 1.6 * lineWidth(landmarks), color)
  }
}

/** From the head's frame (y up) to the picture (y down), without translation. */
function project(r: Mat3, x: number, y: number, z: number): [number, number] {
  return [r[0] * x + r[1] * y + r[2] * z, -(r[3] * x + r[4] * y + r[5] * z)]
}

function centre(landmarks: Float32Array): [number, number] {
  let [x, y] = [0, 0]
  for (let i = 0; i < CENTRE_COUNT; i++) {
    x += landmarks[3 * i]! / CENTRE_COUNT
    y += landmarks[3 * i + 1]! / CENTRE_COUNT
  }
  return [x, y]
}

const lineWidth = (landmarks: Float32Array): number => Math.max(1.5, faceSize(landmarks) / 120)
