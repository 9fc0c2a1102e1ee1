import {
  DRAWING_STYLES,
  type DrawingStyle,
  drawLandmarks,
  drawPoints,
  drawPose,
  type Face,
  type FaceAligner,
  type ImageView,
  type PoseDrawing,
  RenderScratch,
  renderDepth,
  renderPncc,
  renderShaded,
  type StyleName,
  verticesOf,
} from '@3ddfa/core'

/** What `-o` takes, in the order of the help. `none`: nothing is drawn. */
export const DRAWINGS = ['sparse', 'dense', 'mesh', 'pose', 'depth', 'pncc'] as const
export type Drawing = (typeof DRAWINGS)[number]

export interface DrawingSettings {
  readonly style: StyleName
  readonly poseAs: PoseDrawing
  /** Share of the mesh in `mesh`, [0, 1]; the style's unless given. */
  readonly opacity?: number | undefined
  readonly background: 'video' | 'black'
}

/** Whether one of them needs the dense vertices. */
export function needsDense(drawings: readonly Drawing[]): boolean {
  return drawings.some((drawing) => drawing !== 'sparse' && drawing !== 'pose')
}

/** Draws faces into frames, in place, in the order of `drawings`. */
export class Painter {
  readonly #drawings: readonly Drawing[]
  readonly #engine: Pick<FaceAligner, 'model' | 'backend'>
  readonly #settings: DrawingSettings
  readonly #style: DrawingStyle
  readonly #scratch = new RenderScratch()

  constructor(drawings: readonly Drawing[], engine: Pick<FaceAligner, 'model' | 'backend'>, settings: DrawingSettings) {
    this.#drawings = drawings
    this.#engine = engine
    this.#settings = settings
    this.#style = DRAWING_STYLES[settings.style]
  }

  paint(image: ImageView, faces: readonly Face[]): void {
    if (this.#settings.background === 'black') image.data.fill(0)
    for (const drawing of this.#drawings) this.#draw(drawing, image, faces)
  }

  #draw(drawing: Drawing, image: ImageView, faces: readonly Face[]): void {
    const { model, backend } = this.#engine
    const { opacity = this.#style.mesh.opacity, poseAs } = this.#settings
    const { landmarks, points, poseBox, mesh } = this.#style
    const options = { scratch: this.#scratch }
    if (drawing === 'mesh') renderShaded(image, faces, model, backend, { ...options, ...mesh, opacity })
    else if (drawing === 'depth') renderDepth(image, faces, model, backend, options)
    else if (drawing === 'pncc') renderPncc(image, faces, model, backend, options)
    else if (drawing === 'sparse') for (const face of faces) drawLandmarks(image, face.landmarks, landmarks)
    else if (drawing === 'dense') for (const face of faces) drawPoints(image, verticesOf(face), points)
    else for (const face of faces) drawPose(image, face, poseAs, poseBox)
  }
}
