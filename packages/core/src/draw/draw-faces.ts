import { checkFaces } from '../check-face.ts'
import { expectObject, expectOneOf } from '../errors.ts'
import type { Face, FaceAligner } from '../face-aligner.ts'
import { checkImage, type ImageView } from '../image.ts'
import { verticesOf } from '../render/dense-face.ts'
import { type RenderOptions, renderDepth, renderPncc, renderShaded } from '../render/render-faces.ts'
import { drawLandmarks, drawPoints } from './landmarks.ts'
import { drawPose, type PoseDrawing } from './pose.ts'
import { DRAWING_STYLES, STYLE_NAMES, type StyleName } from './styles.ts'

/** What can be drawn of faces, by name: landmarks, all vertices, the lit mesh, head pose, depth, and normalised coordinates. */
export const DRAWINGS = ['sparse', 'dense', 'mesh', 'pose', 'depth', 'pncc'] as const
export type Drawing = (typeof DRAWINGS)[number]

/** Whether a drawing needs faces with dense vertices, as `align` gives them with `dense: true`. */
export function isDenseDrawing(drawing: Drawing): boolean {
  return drawing !== 'sparse' && drawing !== 'pose'
}

export interface DrawFacesOptions extends RenderOptions {
  /** Colours and light; `3ddfa` unless given. */
  readonly style?: StyleName | undefined
  /** How `pose` is drawn; as a box unless given. */
  readonly poseAs?: PoseDrawing | undefined
  /** Share of the mesh in `mesh`, [0, 1]; the style's unless given. */
  readonly opacity?: number | undefined
}

/**
 * Draws faces onto `image`, in place.
 * @throws {InvalidInputError} for a drawing, style or kind of pose that there is not, and when the drawing needs dense vertices and
 * a face has none.
 */
export function drawFaces(
  image: ImageView,
  faces: readonly Face[],
  drawing: Drawing,
  aligner: Pick<FaceAligner, 'model' | 'backend'>,
  { style: name = '3ddfa', poseAs = 'box', opacity, ...options }: DrawFacesOptions = {},
): void {
  checkImage(image)
  checkFaces(faces)
  expectObject(aligner, 'aligner', 'an aligner, or { model, backend },')
  expectOneOf(DRAWINGS, drawing, 'drawing')
  expectOneOf(STYLE_NAMES, name, 'style')
  const { model, backend } = aligner
  const style = DRAWING_STYLES[name]
  const mesh = { ...options, ...style.mesh, opacity: opacity ?? style.mesh.opacity }
  if (drawing === 'mesh') renderShaded(image, faces, model, backend, mesh)
  else if (drawing === 'depth') renderDepth(image, faces, model, backend, options)
  else if (drawing === 'pncc') renderPncc(image, faces, model, backend, options)
  else
    for (const face of faces)
      if (drawing === 'sparse') drawLandmarks(image, face.landmarks, style.landmarks)
      else if (drawing === 'dense') drawPoints(image, verticesOf(face), style.points)
      else drawPose(image, face, poseAs, style.poseBox)
}
