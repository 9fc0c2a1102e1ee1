import {
  type Drawing,
  drawFaceNumber,
  drawFaces,
  type FaceAligner,
  type ImageView,
  type PoseDrawing,
  RenderScratch,
  type StyleName,
  type TrackedFace,
} from '@3ddfa/core'
import { opacityOver } from '../opacity.ts'

export interface DrawingSettings {
  readonly style: StyleName
  readonly poseAs: PoseDrawing
  /** Each face's id beside it. */
  readonly numbers?: boolean | undefined
  /** Share of the mesh in `mesh`, [0, 1]; `opacityOver` unless given. */
  readonly opacity?: number | undefined
  readonly background: 'video' | 'black'
}

/** Draws faces into frames, in place, in the order of `drawings`. */
export class Painter {
  readonly #drawings: readonly Drawing[]
  readonly #engine: Pick<FaceAligner, 'model' | 'backend'>
  readonly #settings: DrawingSettings
  readonly #scratch = new RenderScratch()

  constructor(drawings: readonly Drawing[], engine: Pick<FaceAligner, 'model' | 'backend'>, settings: DrawingSettings) {
    this.#drawings = drawings
    this.#engine = engine
    this.#settings = settings
  }

  paint(image: ImageView, faces: readonly TrackedFace[]): void {
    const { background, style, poseAs, numbers } = this.#settings
    const opacity = opacityOver(background, this.#settings.opacity)
    if (background === 'black') image.data.fill(0)
    const options = { style, poseAs, opacity, scratch: this.#scratch }
    for (const drawing of this.#drawings) drawFaces(image, faces, drawing, this.#engine, options)
    if (numbers) for (const { id, landmarks } of faces) drawFaceNumber(image, id, landmarks)
  }
}
