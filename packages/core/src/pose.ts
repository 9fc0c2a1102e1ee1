import { expect, expectOneOf } from './errors.ts'
import type { FaceParams } from './model.ts'
import { cameraBlock, type Mat3, nearestRotation } from './rotation.ts'

export const POSE_CONVENTIONS = ['aflw2000', '3ddfa-v2'] as const

/**
 * How three angles name a rotation:
 * - `aflw2000` (default): R = Rx(pitch) Ry(yaw) Rz(roll), as the labels of 300W-LP and AFLW2000-3D. Positive pitch looks
 *   up, positive yaw looks towards the picture's left, positive roll leans the top of the head to the picture's right.
 * - `3ddfa-v2`: the numbers that 3DDFA_V2's `utils/pose.py` prints. It inverts another order of rotations than the labels
 *   use and is off by 5 to 12 degrees on turned heads; only for comparison with the reference.
 */
export type PoseConvention = (typeof POSE_CONVENTIONS)[number]

/** Head pose under weak perspective. Frame: x right, y up, z towards the viewer; the head's own axes likewise. */
export interface HeadPose {
  readonly convention: PoseConvention
  /** Radians, [-pi, pi]. */
  readonly pitch: number
  /** Radians, [-pi/2, pi/2] in `aflw2000`. */
  readonly yaw: number
  /** Radians, [-pi, pi]. */
  readonly roll: number
  /** Row-major rotation matrix, head to view. */
  readonly rotation: Mat3
  /** Unit quaternion x y z w of `rotation`, w >= 0. */
  readonly quaternion: readonly [number, number, number, number]
  /** Pixels of the regressor's input a model unit. */
  readonly scale: number
}

/**
 * Head pose from the camera part of the parameters. The rotation is the one nearest (Frobenius) to the regressed 3x3 block,
 * all three rows taken into account.
 * @throws {InvalidInputError} when the camera is not finite, flat or mirrors, and for a convention that there is not.
 */
export function poseFromParams(params: Pick<FaceParams, 'camera'>, convention: PoseConvention = 'aflw2000'): HeadPose {
  const c = params?.camera
  expect(c?.length === 12 && c.every(Number.isFinite), 'params.camera', '12 finite numbers', c)
  expectOneOf(POSE_CONVENTIONS, convention, 'poseConvention')
  const { rotation, scale } = nearestRotation(cameraBlock(c))
  const angles = convention === 'aflw2000' ? anglesFromRotation(rotation) : referenceAngles(c)
  return { convention, ...angles, rotation, quaternion: quaternionFromRotation(rotation), scale }
}

/** Euler angles in radians, in the meaning of `PoseConvention`'s `aflw2000`. */
export interface EulerAngles {
  readonly pitch: number
  readonly yaw: number
  readonly roll: number
}

/** R = Rx(pitch) Ry(yaw) Rz(roll), row-major, with the sign convention of 3DDFA's `RotationMatrix.m`. */
export function rotationFromAngles({ pitch, yaw, roll }: EulerAngles): Mat3 {
  const [sx, cx, sy, cy, sz, cz] = [
    Math.sin(pitch),
    Math.cos(pitch),
    Math.sin(yaw),
    Math.cos(yaw),
    Math.sin(roll),
    Math.cos(roll),
  ]
  return [
    cy * cz,
    cy * sz,
    -sy,
    sx * sy * cz - cx * sz,
    sx * sy * sz + cx * cz,
    sx * cy,
    cx * sy * cz + sx * sz,
    cx * sy * sz - sx * cz,
    cx * cy,
  ]
}

// Nearer to |yaw| = 90 degrees than 0.08 degrees pitch and roll turn about the same axis: all of it is called pitch.
const GIMBAL_LOCK = 0.999999

/** The inverse of `rotationFromAngles`; in gimbal lock (|yaw| = 90 degrees) roll is 0. */
export function anglesFromRotation(r: Mat3): EulerAngles {
  const yaw = -Math.asin(Math.max(-1, Math.min(1, r[2])))
  if (Math.abs(r[2]) > GIMBAL_LOCK) return { pitch: Math.atan2(-r[7], r[4]), yaw, roll: 0 }
  return { pitch: Math.atan2(r[5], r[8]), yaw, roll: Math.atan2(r[1], r[0]) }
}

/** x y z w, w >= 0. */
export function quaternionFromRotation(r: Mat3): [number, number, number, number] {
  // Of the four equivalent formulas the one with the largest divisor is exact to rounding (Shepperd 1978).
  const squares = [1 + r[0] - r[4] - r[8], 1 - r[0] + r[4] - r[8], 1 - r[0] - r[4] + r[8], 1 + r[0] + r[4] + r[8]]
  const largest = squares.indexOf(Math.max(...squares))
  const s = 2 * Math.sqrt(squares[largest]!)
  const q: [number, number, number, number] =
    largest === 0
      ? [s / 4, (r[1] + r[3]) / s, (r[2] + r[6]) / s, (r[7] - r[5]) / s]
      : largest === 1
        ? [(r[1] + r[3]) / s, s / 4, (r[5] + r[7]) / s, (r[2] - r[6]) / s]
        : largest === 2
          ? [(r[2] + r[6]) / s, (r[5] + r[7]) / s, s / 4, (r[3] - r[1]) / s]
          : [(r[7] - r[5]) / s, (r[2] - r[6]) / s, (r[3] - r[1]) / s, s / 4]
  return q[3] < 0 ? [-q[0], -q[1], -q[2], -q[3]] : q
}

/** Column-major 4x4 rotation for three.js (`matrix.fromArray`): same axes as ours, y up, z towards the viewer. */
export function threeMatrix(pose: Pick<HeadPose, 'rotation'>): number[] {
  const r = rotationOf(pose)
  return [r[0], r[3], r[6], 0, r[1], r[4], r[7], 0, r[2], r[5], r[8], 0, 0, 0, 0, 1]
}

/**
 * Row-major 3x3 rotation for OpenCV's camera frame (x right, y down, z into the scene), from head axes that are laid out
 * the same way, so that a face looking straight into the camera is the identity; `cv2.Rodrigues` takes it as it is.
 */
export function openCvMatrix(pose: Pick<HeadPose, 'rotation'>): Mat3 {
  const r = rotationOf(pose)
  // F R F with F = diag(1, -1, -1) changes both frames at once.
  return [r[0], -r[1], -r[2], -r[3], r[4], r[5], -r[6], r[7], r[8]]
}

function rotationOf(pose: Pick<HeadPose, 'rotation'>): Mat3 {
  const rotation = pose?.rotation
  expect(rotation?.length === 9, 'pose.rotation', '9 numbers', rotation)
  return rotation
}

/** 3DDFA_V2 `P2sRt` and `matrix2angle`, kept as they are: rows 1 and 2 normalised, their cross product as the third. */
function referenceAngles(c: Float32Array): EulerAngles {
  const n1 = Math.hypot(c[0]!, c[1]!, c[2]!)
  const n2 = Math.hypot(c[4]!, c[5]!, c[6]!)
  const [a, b] = [[c[0]! / n1, c[1]! / n1, c[2]! / n1] as const, [c[4]! / n2, c[5]! / n2, c[6]! / n2] as const]
  const third = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]] as const
  if (third[0] > 0.998) return { yaw: Math.PI / 2, pitch: Math.atan2(-a[1], -a[2]), roll: 0 }
  if (third[0] < -0.998) return { yaw: -Math.PI / 2, pitch: Math.atan2(a[1], a[2]), roll: 0 }
  const yaw = Math.asin(third[0])
  return {
    yaw,
    pitch: Math.atan2(third[1] / Math.cos(yaw), third[2] / Math.cos(yaw)),
    roll: Math.atan2(b[0] / Math.cos(yaw), a[0] / Math.cos(yaw)),
  }
}
