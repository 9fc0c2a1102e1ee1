import {
  createImage,
  drawFaces,
  type Face,
  type FaceAligner,
  type ImageView,
  isDenseDrawing,
  RenderScratch,
  uvTexture,
  verticesOf,
} from '@3ddfa/core'
import type { Look, Overlay } from './types.ts'

/** Frame after frame draws with the same memory. */
const scratch = new RenderScratch()

/** Whether an overlay needs the dense vertices. */
export function isDense(overlay: Overlay): boolean {
  return overlay === 'texture' || (overlay !== 'none' && isDenseDrawing(overlay))
}

/** Draws onto a copy of the photograph, in place; `texture` gives another picture. */
export function drawOverlay(
  { overlay, style, poseAs }: Look,
  copy: ImageView,
  faces: readonly Face[],
  aligner: FaceAligner,
): ImageView {
  if (overlay === 'texture') return textures(copy, faces, aligner)
  if (overlay !== 'none') drawFaces(copy, faces, overlay, aligner, { style, poseAs, scratch })
  return copy
}

const TEXTURE_SIZE = 256

/** The faces' textures side by side; the photograph when there is none. */
function textures(photo: ImageView, faces: readonly Face[], { model, backend }: FaceAligner): ImageView {
  if (faces.length === 0) return photo
  const size = TEXTURE_SIZE
  const sheet = createImage(size * faces.length, size)
  faces.forEach((face, f) => {
    const { data } = uvTexture(photo, verticesOf(face), model, backend, { size })
    for (let row = 0; row < size; row++)
      sheet.data.set(data.subarray(3 * size * row, 3 * size * (row + 1)), 3 * size * (row * faces.length + f))
  })
  return sheet
}
