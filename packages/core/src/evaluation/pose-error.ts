import { expect } from '../errors.ts'
import type { EulerAngles } from '../pose.ts'
import { rotationFromAngles } from '../pose.ts'
import { mean } from './statistics.ts'

/** Pictures of AFLW2000-3D with an angle beyond this (degrees) are left out of pose tables: 1969 of 2000 stay. */
export const POSE_LIMIT = 99

/** Whether a label takes part in the protocol (Ruiz et al., Hopenet, 2018). Angles in radians. */
export function isInPoseProtocol({ pitch, yaw, roll }: EulerAngles): boolean {
  return [pitch, yaw, roll].every((angle) => Math.abs(degrees(angle)) <= POSE_LIMIT)
}

/** Absolute errors of a head pose, degrees. */
export interface PoseError {
  readonly pitch: number
  readonly yaw: number
  readonly roll: number
  /** Angle of the rotation from one pose to the other: does not depend on how angles are counted. */
  readonly geodesic: number
}

/** Both in radians and in the labels' convention; errors go the short way round. */
export function poseError(predicted: EulerAngles, truth: EulerAngles): PoseError {
  return {
    pitch: angleBetween(predicted.pitch, truth.pitch),
    yaw: angleBetween(predicted.yaw, truth.yaw),
    roll: angleBetween(predicted.roll, truth.roll),
    geodesic: geodesicAngle(predicted, truth),
  }
}

/** Means over pictures, and `mae`, the mean of the three angles' means, as tables give it. */
export interface MeanPoseError extends PoseError {
  readonly mae: number
}

/** Degrees. @throws {InvalidInputError} for an empty list. */
export function meanPoseError(errors: readonly PoseError[]): MeanPoseError {
  expect(errors.length > 0, 'errors', 'one or more', errors)
  const of = (key: keyof PoseError): number => mean(errors.map((error) => error[key]))
  const [pitch, yaw, roll] = [of('pitch'), of('yaw'), of('roll')]
  return { pitch, yaw, roll, geodesic: of('geodesic'), mae: (pitch + yaw + roll) / 3 }
}

function angleBetween(a: number, b: number): number {
  const around = Math.abs(degrees(a - b)) % 360
  return Math.min(around, 360 - around)
}

function geodesicAngle(a: EulerAngles, b: EulerAngles): number {
  const [r, s] = [rotationFromAngles(a), rotationFromAngles(b)]
  // |R - S| = sqrt(8) sin(angle / 2); exact for small angles, where the arc cosine of the trace is not.
  const chord = Math.hypot(...r.map((value, i) => value - s[i]!)) / Math.sqrt(8)
  return degrees(2 * Math.asin(Math.min(1, chord)))
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI
}
