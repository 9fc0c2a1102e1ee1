import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { anglesFromRotation, type EulerAngles, type Mat3 } from '@3ddfa/core'
import { CliError, EXIT } from '../../errors.ts'
import type { Dataset, Sample } from '../sample.ts'
import { listFolder, readData } from './files.ts'

const LABEL = /^frame_(\d+)_pose\.txt$/

/** Whether a folder holds the BIWI Kinect Head Pose Database: folders 01 to 24 of `frame_NNNNN_pose.txt`. */
export function isBiwi(folder: string): boolean {
  return peopleOf(folder).some((person) => listFolder(join(folder, person)).some((name) => LABEL.test(name)))
}

/**
 * BIWI: `NN/frame_NNNNN_rgb.png` beside `frame_NNNNN_pose.txt` (a rotation, and the head's middle in mm before the depth camera),
 * `NN/rgb.cal`. There are no true points, so regions come from a detector.
 */
export function readBiwi(folder: string): Dataset {
  const samples = peopleOf(folder).flatMap((person) => {
    const inside = join(folder, person)
    const camera = readCamera(join(inside, 'rgb.cal'))
    return listFolder(inside).flatMap((name): Sample[] => {
      const number = LABEL.exec(name)?.[1]
      const path = join(inside, `frame_${number}_rgb.png`)
      if (number === undefined || !existsSync(path)) return []
      const { pose, centre } = readLabel(join(inside, name))
      const seen = camera && project(camera, centre)
      const yaws = { labels: (pose.yaw * 180) / Math.PI }
      return [{ name: `${person}/frame_${number}`, path, pose, yaws, ...(seen && { centre: seen }) }]
    })
  })
  return { name: 'biwi', samples }
}

function peopleOf(folder: string): string[] {
  return listFolder(folder).filter((name) => /^\d+$/.test(name) && statSync(join(folder, name)).isDirectory())
}

type Point = readonly [number, number]
type Vector = readonly [number, number, number]

function readLabel(path: string): { pose: EulerAngles; centre: Vector } {
  const numbers = numbersOf(path)
  if (numbers.length !== 12) throw new CliError(`${path} has ${numbers.length} numbers; expected 12.`, EXIT.usage)
  const m = numbers.slice(0, 9) as unknown as Mat3
  if (!isRotation(m)) throw new CliError(`${path} holds no rotation in its first nine numbers.`, EXIT.usage)
  // From a camera's axes (y down, z into the scene) to ours on both sides. These are the angles that Hopenet's evaluation takes: the
  // head before the depth camera, though the colour camera is turned against it by a degree.
  const rotation: Mat3 = [m[0], -m[1], -m[2], -m[3], m[4], m[5], -m[6], m[7], m[8]]
  return { pose: anglesFromRotation(rotation), centre: numbers.slice(9) as unknown as Vector }
}

/** Rows of length 1 at right angles, by the data set's few digits, that mirror nothing. */
function isRotation(m: Mat3): boolean {
  const dot = (a: number, b: number): number => m[a]! * m[b]! + m[a + 1]! * m[b + 1]! + m[a + 2]! * m[b + 2]!
  const isOrthonormal = [0, 3, 6].every((a) => [0, 3, 6].every((b) => Math.abs(dot(a, b) - (a === b ? 1 : 0)) < 0.01))
  const volume =
    m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6])
  return isOrthonormal && volume > 0
}

/**
 * The colour camera, in the order of its file: 3x3 intrinsics, 4 numbers of the lens' distortion, then rotation and translation (mm)
 * from the depth camera's coordinates to its own. What the four stand for the file does not say; they are taken as OpenCV's.
 */
interface Camera {
  readonly intrinsics: Mat3
  /** OpenCV's k1, k2 (radial) and p1, p2 (tangential). */
  readonly distortion: readonly [number, number, number, number]
  readonly rotation: Mat3
  readonly translation: Vector
}

function readCamera(path: string): Camera | undefined {
  if (!existsSync(path)) return undefined
  const n = numbersOf(path)
  if (n.length < 25) throw new CliError(`${path} has ${n.length} numbers; expected 25 or more.`, EXIT.usage)
  const at = (start: number, count: number): number[] => n.slice(start, start + count)
  return {
    intrinsics: at(0, 9) as unknown as Mat3,
    distortion: at(9, 4) as unknown as Camera['distortion'],
    rotation: at(13, 9) as unknown as Mat3,
    translation: at(22, 3) as unknown as Vector,
  }
}

/** Where a point before the depth camera (mm) is in the colour picture, pixels; undefined when it is behind the colour camera. */
function project({ intrinsics: k, distortion, rotation: r, translation: t }: Camera, p: Vector): Point | undefined {
  const [x, y, z] = [0, 3, 6].map((row, i) => r[row]! * p[0] + r[row + 1]! * p[1] + r[row + 2]! * p[2] + t[i]!)
  if (!(z! > 0)) return undefined
  const [u, v] = distort([x! / z!, y! / z!], distortion)
  return [k[0] * u + k[1] * v + k[2], k[4] * v + k[5]]
}

/** By the lens, in units of the focal length (Brown-Conrady, as OpenCV's `projectPoints`). */
function distort([x, y]: Point, [k1, k2, p1, p2]: Camera['distortion']): Point {
  const r2 = x * x + y * y
  const radial = 1 + k1 * r2 + k2 * r2 * r2
  return [x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y]
}

function numbersOf(path: string): number[] {
  const numbers = readData(path).toString('utf8').split(/\s+/).filter(Boolean).map(Number)
  if (!numbers.every(Number.isFinite)) throw new CliError(`${path} holds something that is no number.`, EXIT.usage)
  return numbers
}
