import { checkFace } from '../check-face.ts'
import type { Face } from '../face-aligner.ts'
import { roiFromLandmarks } from '../roi.ts'
import { cameraBlock, determinant, type Mat3 } from '../rotation.ts'

/**
 * Logistic weights, fitted on crops of 800 pictures of faces (with the jitter of tracking, and beside the face) and of 75
 * pictures without. On videos that had no part in it good and lost crops differ with an AUC of 1.000 (benchmarks/README.md).
 */
const WEIGHTS = { bias: -7.906, logStretch: -3.96, growth: -3.937, shift: -2.202 }
/** Keeps the logarithm finite for an exact rotation. */
const LEAST_STRETCH = 1e-3

/** Whether a regressed camera can be a head's at all: finite and no mirror image. Background gives mirror images at times. */
export function isHeadCamera(params: Float32Array): boolean {
  if (!params.every(Number.isFinite)) return false
  const block = cameraBlock(params)
  const norm = Math.hypot(...block) / Math.sqrt(3)
  return norm > 0 && determinant(block.map((v) => v / norm) as unknown as Mat3) > 1e-3
}

/**
 * How likely it is that the parameters describe a face, in [0, 1]. Three signs, in the order of their worth:
 * - The camera's 3x3 block is regressed as nine free numbers. Only where the network sees a face do they come out as a scaled
 *   rotation: the distance (Frobenius, scale 1) is 0.01 to 0.05 on faces and 0.2 to 1.5 elsewhere. A network that can emit
 *   nothing but rotations leaves the next two signs alone.
 * - The landmarks' own region is as large as the crop,
 * - and in its middle, since tracking cuts the crop where it expects the face.
 */
export function faceConfidence(face: Pick<Face, 'params' | 'pose' | 'roi' | 'landmarks'>): number {
  checkFace(face)
  const { params, pose, roi, landmarks } = face
  const block = cameraBlock(params)
  const stretch = Math.hypot(...block.map((v, i) => v / pose.scale - pose.rotation[i]!))
  const found = roiFromLandmarks(landmarks)
  const side = roi.x2 - roi.x1
  const growth = Math.abs(Math.log((found.x2 - found.x1) / side))
  const shift = Math.hypot(found.x1 + found.x2 - roi.x1 - roi.x2, found.y1 + found.y2 - roi.y1 - roi.y2) / 2 / side
  const { bias, logStretch, growth: g, shift: s } = WEIGHTS
  const evidence = bias + logStretch * Math.log(stretch + LEAST_STRETCH) + g * growth + s * shift
  return Number.isFinite(evidence) ? 1 / (1 + Math.exp(-evidence)) : 0
}
