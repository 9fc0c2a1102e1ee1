// Generated from schema/align-result.json by scripts/generate-types.mjs; do not edit.

/**
 * @minItems 4
 * @maxItems 4
 */
export type Rectangle = number[]
/**
 * The square that the network saw, x1 y1 x2 y2.
 *
 * @minItems 4
 * @maxItems 4
 */
export type Rectangle1 = number[]
/**
 * @minItems 3
 * @maxItems 3
 */
export type Point = number[]

/**
 * What `3ddfa align` found in one or more pictures. Coordinates are pixels of the upright picture: x right, y down, pixel centres at integers, larger z nearer.
 */
export interface AlignResult {
  /**
   * Names this kind of document.
   */
  schema: '3ddfa.align'
  /**
   * Raised when a field changes its meaning or goes; new optional fields keep it.
   */
  version: 1
  models: {
    /**
     * Id of the face detector; null when boxes were given.
     */
    detector: string | null
    /**
     * Id of the network that looks at regions.
     */
    regressor: string
    /**
     * Id of the face model; ends in -standin when a stand-in took the published one's place.
     */
    morphableModel: string
  }
  parameters?: Parameters
  /**
   * Id of the mesh backend: native, wasm or reference.
   */
  backend: string
  images: Image[]
}
/**
 * What the numbers in each face's `params` are; absent where the network gives vertices and no coefficients.
 */
export interface Parameters {
  /**
   * Of the face model's coordinates; null when unknown.
   */
  unit: 'micrometre' | 'millimetre' | 'metre' | null
  /**
   * One a number: camera_11 to camera_34 (row, column), shape_1 and on, then the model's names of expressions or expression_1 and on.
   *
   * @minItems 12
   */
  names: string[]
  /**
   * One a coefficient (shape, then expression): how far the 68 landmarks move, root mean square in `unit`, when it grows by 1.
   */
  movement: number[]
}
export interface Image {
  /**
   * The picture as it was named.
   */
  file: string
  width?: number
  height?: number
  /**
   * By falling detector score; empty when there is no face.
   */
  faces?: Face[]
  /**
   * Milliseconds a stage, all faces together: decode, detect, crop, regress, sparse, refine (the second look), dense, and one a written output.
   */
  timings?: {
    [k: string]: number
  }
  /**
   * Paths of the files written, by output.
   */
  outputs?: {
    [k: string]: string[]
  }
  /**
   * Why this picture gave no result; the other fields are then absent.
   */
  error?: string
}
export interface Face {
  /**
   * The detector's box x1 y1 x2 y2; null when the face was given as a region.
   */
  box: null | Rectangle
  /**
   * The detector's confidence.
   */
  score?: number
  roi: Rectangle1
  /**
   * 12 camera numbers (3x4, row-major, model unit to pixels of the network's input), then shape, then expression coefficients.
   *
   * @minItems 12
   */
  params: number[]
  /**
   * The expression coefficients by name, where the face model names them: 0 is neutral, 1 what the name says.
   */
  expression?: {
    [k: string]: number
  }
  pose: Pose
  /**
   * The 68 iBUG points; the smallest z is 0.
   *
   * @minItems 68
   * @maxItems 68
   */
  landmarks: Point[]
}
export interface Pose {
  /**
   * How the angles name the rotation; aflw2000 is Rx(pitch) Ry(yaw) Rz(roll).
   */
  convention: 'aflw2000' | '3ddfa-v2'
  /**
   * Degrees, positive looks up.
   */
  pitch: number
  /**
   * Degrees, positive looks towards the picture's left.
   */
  yaw: number
  /**
   * Degrees, positive leans the top of the head to the picture's right.
   */
  roll: number
  /**
   * x y z w.
   *
   * @minItems 4
   * @maxItems 4
   */
  quaternion: number[]
  /**
   * 3x3, row-major; head axes (x right, y up, z out of the face) to view (x right, y up, z towards the viewer).
   *
   * @minItems 9
   * @maxItems 9
   */
  rotation: number[]
  /**
   * Pixels of the network's input a model unit.
   */
  scale: number
}
