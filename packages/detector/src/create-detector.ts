import { expectOneOf, type FaceDetector, type Session } from '@3ddfa/core'
import { createFaceBoxes, type FaceBoxesOptions } from './faceboxes.ts'
import { createOpenDetector, type OpenDetectorOptions } from './open.ts'
import { createUltraFace, type UltraFaceOptions } from './ultraface.ts'
import { createYuNet, type YuNetOptions } from './yunet.ts'

/** The options of each detector, by its name. */
export interface DetectorOptions {
  readonly faceboxes: FaceBoxesOptions
  readonly open: OpenDetectorOptions
  readonly ultraface: UltraFaceOptions
  readonly yunet: YuNetOptions
}

/** Names that {@link createDetector} knows. */
export type DetectorName = keyof DetectorOptions

type Creators = { readonly [N in DetectorName]: (session: Session, options?: DetectorOptions[N]) => FaceDetector }

const CREATORS: Creators = {
  faceboxes: createFaceBoxes,
  ultraface: createUltraFace,
  yunet: createYuNet,
  open: createOpenDetector,
}

/** All names that {@link createDetector} knows, the default one first. */
export const DETECTOR_NAMES: readonly DetectorName[] = Object.keys(CREATORS) as DetectorName[]

/**
 * A detector by name, over its own network.
 * @throws {InvalidInputError} when there is no such detector, the network is another one or an option is out of range
 */
export function createDetector<N extends DetectorName>(
  name: N,
  session: Session,
  options?: DetectorOptions[N],
): FaceDetector {
  expectOneOf(DETECTOR_NAMES, name, 'the detector')
  return CREATORS[name](session, options)
}
