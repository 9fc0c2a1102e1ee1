import type { FaceDetector, Session } from '@3ddfa/core'
import { type CellOptions, type CellSettings, createCellDetector } from './cells.ts'

/** Thresholds and limits of the open detector. */
export type OpenDetectorSettings = CellSettings

/** Options of {@link createOpenDetector}. */
export type OpenDetectorOptions = CellOptions

/**
 * A larger `maxSize` finds smaller faces and is less sure of those that fill the picture: training enlarged small pictures for
 * them. At a score of 0.75 there is at most one false box in 100 pictures without a face.
 */
export const OPEN_DEFAULTS: OpenDetectorSettings = {
  maxSize: 320,
  scoreThreshold: 0.75,
  iouThreshold: 0.3,
  maxCandidates: 5000,
  maxFaces: 750,
}

/**
 * The detector that `training/` makes (`tdfa_train.detector`): anchor-free and small as YuNet, with outputs of the same layout:
 * `cls_S` is the overlap that the network expects of its box with the face's, `obj_S` the probability of a face.
 * @throws {InvalidInputError} when the network is another one or an option is out of range
 */
export function createOpenDetector(session: Session, options: OpenDetectorOptions = {}): FaceDetector {
  return createCellDetector('open', session, options, OPEN_DEFAULTS)
}
