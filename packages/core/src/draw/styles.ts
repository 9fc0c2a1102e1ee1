import { LIGHT_DEFAULTS, type Light } from '../backend.ts'
import type { ShadedOptions } from '../render/render-faces.ts'
import { LANDMARK_STYLE, type LandmarkStyle, POINT_STYLE, type PointStyle } from './landmarks.ts'
import { POSE_BOX_COLOR } from './pose.ts'
import type { Rgb } from './primitives.ts'

/** Colours and light of the four drawings of a face. */
export interface DrawingStyle {
  /** For `drawLandmarks`. */
  readonly landmarks: LandmarkStyle
  /** For `drawPoints`. */
  readonly points: PointStyle
  /** For `drawPoseBox`. */
  readonly poseBox: Rgb
  /** For `renderShaded`. */
  readonly mesh: Required<Pick<ShadedOptions, 'opacity' | 'light'>> & Pick<ShadedOptions, 'tint'>
}

/** Light yellow, the colour of all lines there. */
const IVORY: Rgb = [255, 255, 224]

/** From in front and a little to the picture's lower right; the rest is `tint`. */
const BLUISH: Light = { ambient: 0, directional: 0.6, specular: 0, position: [1, 1, 5] }

export const STYLE_NAMES = ['3ddfa', 'dense-head'] as const
export type StyleName = (typeof STYLE_NAMES)[number]

/**
 * - `3ddfa`: as 3DDFA_V2 draws
 * - `dense-head`: as Dense-Head-Pose-Estimation does (`service/__init__.py`, `CtypesMeshRender.py`): hollow points joined by lines,
 *   dense points, box in one colour, an opaque bluish mesh. Its light is meant here as its parameters say; its own
 *   code centres the face by normals instead of vertices.
 */
export const DRAWING_STYLES: Readonly<Record<StyleName, DrawingStyle>> = {
  '3ddfa': {
    landmarks: LANDMARK_STYLE,
    points: POINT_STYLE,
    poseBox: POSE_BOX_COLOR,
    mesh: { opacity: 0.6, light: LIGHT_DEFAULTS },
  },
  'dense-head': {
    landmarks: { line: IVORY, dot: IVORY, hollow: true, lineAlpha: 1 },
    points: { color: IVORY, alpha: 1 },
    poseBox: IVORY,
    mesh: { opacity: 1, light: BLUISH, tint: [0.4, 0.5, 0.6] },
  },
}
