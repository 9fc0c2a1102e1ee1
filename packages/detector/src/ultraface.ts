import type { FaceBox, FaceDetector, Session, Tensor } from '@3ddfa/core'
import { decodeOffsets } from './decode.ts'
import { type DetectionLimits, findFaces, type Overrides, resolveLimits } from './find-faces.ts'
import { type Fit, fitRegion } from './fit.ts'
import { readFloats } from './outputs.ts'
import { createPriors, type InputSize, type PriorLevel } from './priors.ts'
import { rankAbove } from './rank.ts'
import { type DetectorResources, SessionDetector } from './session-detector.ts'

/** Thresholds and limits of UltraFace. */
export type UltraFaceSettings = DetectionLimits

/** Options of {@link createUltraFace}. */
export type UltraFaceOptions = Overrides<UltraFaceSettings> & DetectorResources

/** As upstream (Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB). */
export const ULTRAFACE_DEFAULTS: UltraFaceSettings = {
  scoreThreshold: 0.7,
  iouThreshold: 0.3,
  maxCandidates: 5000,
  maxFaces: 750,
}

/** The published RFB-320 network takes this size only. */
const INPUT: InputSize = { width: 320, height: 240 }

/** Source: upstream `fd_config.py`. */
const LEVELS: readonly PriorLevel[] = [
  { stride: 8, sizes: [10, 16, 24] },
  { stride: 16, sizes: [32, 48] },
  { stride: 32, sizes: [64, 96] },
  { stride: 64, sizes: [128, 192, 256] },
].map(({ stride, sizes }) => ({ stride, anchors: sizes.map((size) => ({ size, density: 1 })) }))

/**
 * UltraFace RFB-320: of constant cost, for faces from about a twentieth of the picture's width up. The network gives `scores`
 * [1, 4420, 2], softmaxed, and `boxes` [1, 4420, 4], offsets from the priors (upstream's file "without postprocessing").
 * @throws {InvalidInputError} when the network is another one or an option is out of range
 */
export function createUltraFace(session: Session, options: UltraFaceOptions = {}): FaceDetector {
  const settings = resolveLimits(options, ULTRAFACE_DEFAULTS)
  const priors = ultraFacePriors()
  const recipe = {
    id: 'ultraface',
    outputs: ['scores', 'boxes'],
    fit: fitUltraFace,
    read: (outputs: Record<string, Tensor>, fit: Fit) => readUltraFace(outputs, fit, priors, settings),
  }
  return new SessionDetector(session, recipe, options)
}

/**
 * Pads the picture with black to the input's 4:3 (letterbox). Upstream squeezes it instead, which loses faces in wide and tall
 * pictures: of 40 faces it finds 31 at 1:3, 33 at 3:1 and 3 at 4:1; padded, all 40 at every ratio from 1:4 to 4:1.
 */
export function fitUltraFace(image: InputSize): Fit {
  const width = Math.max(image.width, Math.ceil((image.height * INPUT.width) / INPUT.height))
  const height = Math.max(image.height, Math.ceil((image.width * INPUT.height) / INPUT.width))
  return fitRegion(width, height, INPUT)
}

/** Upstream clips the priors to the picture, which cuts the largest (256 px) to its height. */
function ultraFacePriors(): Float32Array {
  const priors = createPriors(LEVELS, INPUT)
  for (let i = 3; i < priors.length; i += 4) priors[i] = Math.min(priors[i]!, INPUT.height)
  return priors
}

function readUltraFace(
  outputs: Record<string, Tensor>,
  fit: Fit,
  priors: Float32Array,
  settings: UltraFaceSettings,
): FaceBox[] {
  const offsets = readFloats(outputs, 'boxes', priors.length)
  const scores = readFloats(outputs, 'scores', priors.length / 2)
  // Column 1 is the face, column 0 the background.
  const indices = rankAbove(scores, settings.scoreThreshold, settings.maxCandidates, 2, 1)
  const boxes = decodeOffsets(offsets, priors, indices, fit)
  return findFaces(boxes, (position) => scores[2 * indices[position]! + 1]!, settings, 0)
}
