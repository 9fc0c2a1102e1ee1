import type { FaceDetector, Session } from '@3ddfa/core'
import { type CellOptions, type CellSettings, createCellDetector } from './cells.ts'

/** Thresholds and limits of YuNet. */
export type YuNetSettings = CellSettings

/** Options of {@link createYuNet}. */
export type YuNetOptions = CellOptions

/** A score of 0.7 leaves out faces too blurred to align; 0.8 finds as many of the sharp ones. */
export const YUNET_DEFAULTS: YuNetSettings = {
  maxSize: 640,
  scoreThreshold: 0.7,
  iouThreshold: 0.3,
  maxCandidates: 5000,
  maxFaces: 750,
}

/**
 * YuNet (Wu, Peng, Yu: Machine Intelligence Research 2023): anchor-free, small, finds faces from about 16 pixels up, after
 * scaling down to `maxSize`. The network takes any multiple of 32 and gives `cls_S` and `obj_S` [1, n, 1] and `bbox_S`
 * [1, n, 4] for the strides S of 8, 16 and 32.
 * @throws {InvalidInputError} when the network is another one or an option is out of range
 */
export function createYuNet(session: Session, options: YuNetOptions = {}): FaceDetector {
  return createCellDetector('yunet', session, options, YUNET_DEFAULTS)
}
