import type { FaceDetector, Session } from '@3ddfa/core'
import { type CellOptions, type CellSettings, createCellDetector } from './cells.ts'
import { expectCount, resolveLimits } from './find-faces.ts'
import { PyramidDetector, sizesOfLooks } from './pyramid.ts'

/** Thresholds and limits of the open detector. */
export type OpenDetectorSettings = CellSettings

/** Options of {@link createOpenDetector}. */
export type OpenDetectorOptions = CellOptions

/**
 * Faces of 16 pixels and more are found, in the picture scaled down to `maxSize`. At a score of 0.75 there is at most one false box
 * in 100 pictures without a face.
 */
export const OPEN_DEFAULTS: OpenDetectorSettings = {
  maxSize: 640,
  scoreThreshold: 0.75,
  iouThreshold: 0.3,
  maxCandidates: 5000,
  maxFaces: 750,
}

/** Where faces of all sizes are looked for, pixels: training enlarged small pictures for faces that fill more. */
const COARSEST = 320

/**
 * The detector that `training/` makes (`tdfa_train.detector`): anchor-free and small as YuNet, with outputs of the same layout:
 * `cls_S` is the overlap that the network expects of its box with the face's, `obj_S` the probability of a face. It looks at the
 * picture scaled down to 320 pixels, and for small faces again at twice that and so on up to `maxSize`.
 * @throws {InvalidInputError} when the network is another one or an option is out of range
 */
export function createOpenDetector(session: Session, options: OpenDetectorOptions = {}): FaceDetector {
  const settings = resolveLimits(options, OPEN_DEFAULTS)
  expectCount(settings.maxSize, 'maxSize')
  const looks = sizesOfLooks(COARSEST, settings.maxSize).map((size) => ({
    size,
    detector: createCellDetector('open', session, { ...options, maxSize: size }, OPEN_DEFAULTS),
  }))
  return new PyramidDetector(looks, settings)
}
