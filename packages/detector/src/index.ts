export * from './create-detector.ts'
export {
  createFaceBoxes,
  FACEBOXES_DEFAULTS,
  type FaceBoxesOptions,
  type FaceBoxesSettings,
} from './faceboxes.ts'
export type { DetectionLimits } from './find-faces.ts'
export { createOpenDetector, OPEN_DEFAULTS, type OpenDetectorOptions, type OpenDetectorSettings } from './open.ts'
export type { DetectorResources, Resampler } from './session-detector.ts'
export { createUltraFace, ULTRAFACE_DEFAULTS, type UltraFaceOptions, type UltraFaceSettings } from './ultraface.ts'
export { createYuNet, YUNET_DEFAULTS, type YuNetOptions, type YuNetSettings } from './yunet.ts'
