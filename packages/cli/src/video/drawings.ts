import {
  drawLandmarks,
  drawPoints,
  drawPoseBox,
  type Face,
  type FaceAligner,
  type ImageView,
  RenderScratch,
  renderDepth,
  renderPncc,
  renderShaded,
  verticesOf,
} from '@3ddfa/core'

/** What `-o` takes, in the order of the help. `none`: nothing is drawn. */
export const DRAWINGS = ['sparse', 'dense', 'mesh', 'pose', 'depth', 'pncc'] as const
export type Drawing = (typeof DRAWINGS)[number]

export interface DrawingSettings {
  /** Share of the mesh in `mesh`, [0, 1]. */
  readonly opacity: number
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
  readonly #scratch = new RenderScratch()

  constructor(drawings: readonly Drawing[], engine: Pick<FaceAligner, 'model' | 'backend'>, settings: DrawingSettings) {
    this.#drawings = drawings
    this.#engine = engine
    this.#settings = settings
  }

  paint(image: ImageView, faces: readonly Face[]): void {
    if (this.#settings.background === 'black') image.data.fill(0)
    for (const drawing of this.#drawings) this.#draw(drawing, image, faces)
  }

  #draw(drawing: Drawing, image: ImageView, faces: readonly Face[]): void {
    const { model, backend } = this.#engine
    const options = { scratch: this.#scratch, opacity: this.#settings.opacity }
    if (drawing === 'mesh') renderShaded(image, faces, model, backend, options)
    else if (drawing === 'depth') renderDepth(image, faces, model, backend, options)
    else if (drawing === 'pncc') renderPncc(image, faces, model, backend, options)
    else for (const face of faces) POINTWISE[drawing](image, face)
  }
}

const POINTWISE: Readonly<Record<'sparse' | 'dense' | 'pose', (image: ImageView, face: Face) => void>> = {
  sparse: (image, { landmarks }) => drawLandmarks(image, landmarks),
  dense: (image, face) => drawPoints(image, verticesOf(face)),
  pose: (image, face) => drawPoseBox(image, face),
}
