import {
  createImage,
  DRAWING_STYLES,
  drawLandmarks,
  drawPoints,
  drawPose,
  type Face,
  type FaceAligner,
  type ImageView,
  RenderScratch,
  renderDepth,
  renderPncc,
  renderShaded,
  uvTexture,
  verticesOf,
} from '@3ddfa/core'
import type { Look, Overlay } from './types.ts'

type Draw = (image: ImageView, faces: readonly Face[], aligner: FaceAligner, look: Look) => void

/** Frame after frame draws with the same memory. */
const scratch = new RenderScratch()

const DRAW: Readonly<Record<Exclude<Overlay, 'texture' | 'none'>, Draw>> = {
  sparse: (image, faces, _, { style }) => {
    for (const face of faces) drawLandmarks(image, face.landmarks, DRAWING_STYLES[style].landmarks)
  },
  dense: (image, faces, _, { style }) => {
    for (const face of faces) drawPoints(image, verticesOf(face), DRAWING_STYLES[style].points)
  },
  mesh: (image, faces, { model, backend }, { style }) =>
    renderShaded(image, faces, model, backend, { scratch, ...DRAWING_STYLES[style].mesh }),
  depth: (image, faces, { model, backend }) => renderDepth(image, faces, model, backend, { scratch }),
  pncc: (image, faces, { model, backend }) => renderPncc(image, faces, model, backend, { scratch }),
  pose: (image, faces, _, { style, poseAs }) => {
    for (const face of faces) drawPose(image, face, poseAs, DRAWING_STYLES[style].poseBox)
  },
}

/** The overlays that need no dense vertices. */
export function isSparse(overlay: Overlay): boolean {
  return overlay === 'sparse' || overlay === 'pose' || overlay === 'none'
}

/** Draws onto a copy of the photograph, in place; `texture` gives another picture. */
export function drawOverlay(look: Look, copy: ImageView, faces: readonly Face[], aligner: FaceAligner): ImageView {
  const { overlay } = look
  if (overlay === 'none') return copy
  if (overlay === 'texture') return textures(copy, faces, aligner)
  DRAW[overlay](copy, faces, aligner, look)
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
