import type { FaceBox, FaceDetector, ImageView, Session, Tensor } from '@3ddfa/core'
import { decodeOffsets } from './decode.ts'
import { type DetectionLimits, expectCount, findFaces, type Overrides, resolveLimits } from './find-faces.ts'
import type { Fit } from './fit.ts'
import { memoizeLru } from './lru.ts'
import { readFloats } from './outputs.ts'
import { createPriors, type InputSize, type PriorLevel } from './priors.ts'
import { rankAbove } from './rank.ts'
import { type DetectorResources, SessionDetector } from './session-detector.ts'

/** Thresholds and limits of FaceBoxes. */
export interface FaceBoxesSettings extends DetectionLimits {
  /** A larger picture is scaled down to this width, pixels; smaller is faster and misses smaller faces. */
  readonly maxWidth: number
  /** A larger picture is scaled down to this height, pixels. */
  readonly maxHeight: number
}

/** Options of {@link createFaceBoxes}. */
export type FaceBoxesOptions = Overrides<FaceBoxesSettings> &
  DetectorResources & {
    /** For `maxWidth` and `maxHeight` where they are not given, as the other detectors have it. */
    readonly maxSize?: number | undefined
  }

/**
 * As 3DDFA_V2. Its own first threshold of 0.05 is not needed: candidates are taken best first, so one below `scoreThreshold`
 * never drops one above.
 */
export const FACEBOXES_DEFAULTS: FaceBoxesSettings = {
  maxWidth: 1080,
  maxHeight: 720,
  scoreThreshold: 0.5,
  iouThreshold: 0.3,
  maxCandidates: 5000,
  maxFaces: 750,
}

/** FaceBoxes (Zhang et al., IJCB 2017), table 1: small anchors are denser, so that all sizes lie equally close. */
const LEVELS: readonly PriorLevel[] = [
  {
    stride: 32,
    anchors: [
      { size: 32, density: 4 },
      { size: 64, density: 2 },
      { size: 128, density: 1 },
    ],
  },
  { stride: 64, anchors: [{ size: 256, density: 1 }] },
  { stride: 128, anchors: [{ size: 512, density: 1 }] },
]

/** Sizes of pictures whose priors are kept: a video has one, a folder of photographs few. 190 kB each at 1080 x 720. */
const CACHED_SIZES = 8

/**
 * FaceBoxes: finds faces from about 36 pixels up, after the picture was scaled down to `maxWidth` x `maxHeight`. The network
 * takes any size and gives `loc` [1, A, 4] and `conf` [1, A, 2], the latter softmaxed.
 *
 * Overlaps are measured as in the reference, with 1 pixel added to each side, in pixels of the given picture.
 * @throws {InvalidInputError} when the network is another one or an option is out of range
 */
export function createFaceBoxes(session: Session, options: FaceBoxesOptions = {}): FaceDetector {
  const { maxSize } = options
  if (maxSize !== undefined) expectCount(maxSize, 'maxSize')
  const sides = maxSize === undefined ? {} : { maxWidth: maxSize, maxHeight: maxSize }
  const settings = resolveLimits(options, { ...FACEBOXES_DEFAULTS, ...sides })
  expectCount(settings.maxWidth, 'maxWidth')
  expectCount(settings.maxHeight, 'maxHeight')
  const priorsOf = memoizeLru(
    (input: InputSize) => createPriors(LEVELS, input),
    CACHED_SIZES,
    ({ width, height }) => `${width}x${height}`,
  )
  const recipe = {
    id: 'faceboxes',
    outputs: ['loc', 'conf'],
    fit: (image: ImageView) => fitFaceBoxes(image, settings),
    read: (outputs: Record<string, Tensor>, fit: Fit) => readFaceBoxes(outputs, fit, priorsOf(fit), settings),
  }
  return new SessionDetector(session, recipe, options)
}

/** Scales down to fit, both sides truncated; boxes go back by the scale before truncation. Source: `FaceBoxes.__call__`. */
export function fitFaceBoxes(image: InputSize, { maxWidth, maxHeight }: FaceBoxesSettings): Fit {
  let scale = 1
  if (image.height > maxHeight) scale = maxHeight / image.height
  if (image.width * scale > maxWidth) scale *= maxWidth / (image.width * scale)
  return {
    // A picture of extreme aspect ratio still needs one pixel.
    width: Math.max(1, Math.trunc(scale * image.width)),
    height: Math.max(1, Math.trunc(scale * image.height)),
    region: { x1: 0, y1: 0, x2: image.width, y2: image.height },
    scaleX: 1 / scale,
    scaleY: 1 / scale,
  }
}

function readFaceBoxes(
  outputs: Record<string, Tensor>,
  fit: Fit,
  priors: Float32Array,
  settings: FaceBoxesSettings,
): FaceBox[] {
  const offsets = readFloats(outputs, 'loc', priors.length)
  const scores = readFloats(outputs, 'conf', priors.length / 2)
  // Column 1 is the face, column 0 the background.
  const indices = rankAbove(scores, settings.scoreThreshold, settings.maxCandidates, 2, 1)
  const boxes = decodeOffsets(offsets, priors, indices, fit)
  return findFaces(boxes, (position) => scores[2 * indices[position]! + 1]!, settings, 1)
}
