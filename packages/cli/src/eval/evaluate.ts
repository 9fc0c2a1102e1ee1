import {
  type EulerAngles,
  type Face,
  type FaceAligner,
  type PoseConvention,
  poseFromParams,
  splitParams,
} from '@3ddfa/core'
import {
  aflwMeanError,
  faceBoxSize,
  isInPoseProtocol,
  normalizedMeanError,
  type PoseError,
  pointsInPicture,
  poseError,
} from '@3ddfa/core/evaluation'
import type { Console } from '../console.ts'
import { messageOf } from '../errors.ts'
import { readPicture } from '../images.ts'
import { alignSample, type RegionOptions } from './regions.ts'
import type { Dataset, Sample } from './sample.ts'

/** Sets of true points that a face can be compared with. */
export const POINT_SETS = ['original', 'reannotated', 'aflw21'] as const
export type PointSet = (typeof POINT_SETS)[number]

/** What came of a picture. */
export interface Outcome {
  readonly sample: Sample
  /** Whether a face was found where it is. */
  readonly found: boolean
  readonly iou?: number
  /** [136] x y of the face's points, in the pixels that the true ones are in. */
  readonly points?: Float64Array
  /** NME in percent, by the points that it is against. */
  readonly nme: Readonly<Partial<Record<PointSet, number>>>
  /** By convention; absent where the label takes no part in the protocol. */
  readonly pose?: Readonly<Record<PoseConvention, PoseError>>
  /** Why the picture could not be read or aligned. */
  readonly error?: string
}

export interface EvaluateOptions extends RegionOptions {
  readonly maxPixels: number
}

/** Aligns the face of every sample and compares it with what is known. A picture that fails does not end the run. */
export async function evaluate(
  { samples }: Dataset,
  aligner: FaceAligner,
  options: EvaluateOptions,
  console: Console,
): Promise<Outcome[]> {
  return console.withProgress(samples.length, 'pictures', async (progress) => {
    const outcomes: Outcome[] = []
    for (const sample of samples) {
      progress.update(outcomes.length, sample.name)
      outcomes.push(await evaluateOne(sample, aligner, options, console))
    }
    return outcomes
  })
}

async function evaluateOne(
  sample: Sample,
  aligner: FaceAligner,
  options: EvaluateOptions,
  console: Console,
): Promise<Outcome> {
  try {
    const { image } = await readPicture(sample.path, options)
    const { face, iou } = await alignSample(sample, image, aligner, options)
    const known = { sample, found: face !== undefined, ...(iou !== undefined && { iou }) }
    if (!face) return { ...known, nme: {} }
    const points = laidInto(sample.place, pointsInPicture(face.landmarks), image.width, image.height)
    const pose = sample.pose && isInPoseProtocol(sample.pose) ? poseErrors(aligner, face, sample.pose) : undefined
    return { ...known, points, nme: errorsOf(sample, points), ...(pose && { pose }) }
  } catch (error) {
    console.error(messageOf(error))
    return { sample, found: false, nme: {}, error: messageOf(error) }
  }
}

/** Points of a crop as points of the photograph that it was cut from. */
function laidInto(place: Sample['place'], points: Float64Array, width: number, height: number): Float64Array {
  if (!place) return points
  const [sx, sy] = [(place.x2 - place.x1) / width, (place.y2 - place.y1) / height]
  return points.map((value, i) => (i % 2 === 0 ? value * sx + place.x1 : value * sy + place.y1))
}

function errorsOf({ points, reannotated, points21 }: Sample, found: Float64Array): Outcome['nme'] {
  return {
    ...(points && !points21 && { original: normalizedMeanError(found, points) }),
    ...(reannotated && { reannotated: normalizedMeanError(found, reannotated) }),
    ...(points21 && { aflw21: aflwMeanError(found, points21, points && faceBoxSize(points)) }),
  }
}

function poseErrors(aligner: FaceAligner, { params }: Face, truth: EulerAngles): Record<PoseConvention, PoseError> {
  const split = splitParams(aligner.model, params)
  const { pitch, yaw, roll } = poseFromParams(split, '3ddfa-v2')
  return {
    aflw2000: poseError(poseFromParams(split), truth),
    // The reference counts pitch and roll the other way round than the labels.
    '3ddfa-v2': poseError({ pitch: -pitch, yaw, roll: -roll }, truth),
  }
}
