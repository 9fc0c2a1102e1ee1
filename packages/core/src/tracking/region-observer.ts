import type { Face, FaceAligner } from '../face-aligner.ts'
import type { ImageView } from '../image.ts'
import type { PoseConvention } from '../pose.ts'
import { holdsPixels, roiFromLandmarks } from '../roi.ts'
import { withUpright } from '../roll/quarter-turns.ts'
import { faceConfidence, isHeadCamera } from './confidence.ts'
import type { TrackRegion } from './face-tracker.ts'
import type { Observation } from './observation.ts'

/** A face as seen in a frame, before it belongs to a track. */
export interface Sighting extends Observation {
  /** Absent when the parameters are no head's. */
  readonly face?: Face
}

/** Below this a detector's box shows no face, and a second look is not worth its time. */
const ROUGH_CONFIDENCE = 0.05

/** Looks at regions of a picture, all of them in one batch. */
export class RegionObserver {
  readonly #aligner: FaceAligner
  readonly #poseConvention: PoseConvention | undefined

  constructor(aligner: FaceAligner, poseConvention?: PoseConvention) {
    this.#aligner = aligner
    this.#poseConvention = poseConvention
  }

  /** One sighting a region, in order. Regions after a detector's box are looked at once more, where their landmarks are. */
  async look(image: ImageView, regions: readonly TrackRegion[]): Promise<Sighting[]> {
    const sightings = await this.#regress(image, regions)
    const again = regions.flatMap(({ isRough }, i) =>
      isRough && sightings[i]!.confidence > ROUGH_CONFIDENCE ? [i] : [],
    )
    const fine = await this.#regress(
      image,
      again.map((i) => ({ ...regions[i]!, roi: sightings[i]!.found! })),
    )
    again.forEach((i, k) => {
      sightings[i] = fine[k]!
    })
    return sightings
  }

  async #regress(image: ImageView, regions: readonly TrackRegion[]): Promise<Sighting[]> {
    const rois = regions.map(({ roi }) => roi).filter(holdsPixels)
    const answers = rois.length > 0 ? await this.#aligner.regress(image, rois) : []
    let next = 0
    return regions.map(({ id, roi: crop, isRough }) => {
      const where = { ...(id !== undefined && { id }), crop, isRough }
      // What has shrunk to nothing is not there.
      const params = holdsPixels(crop) ? answers[next++] : undefined
      if (!params || !isHeadCamera(params)) return { ...where, confidence: 0 }
      const face = this.#aligner.faceFromParams(params, crop, this.#poseConvention)
      return {
        ...where,
        face,
        found: withUpright(roiFromLandmarks(face.landmarks), face.pose, crop.quarterTurns),
        confidence: faceConfidence(face),
      }
    })
  }
}
