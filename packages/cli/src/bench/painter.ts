import { copyImage, type FaceAligner, type ImageView, RenderScratch, renderShaded } from '@3ddfa/core'

type Faces = Parameters<typeof renderShaded>[1]

/** Draws lit meshes onto a copy of their picture, in the same memory as long as pictures are of one size. */
export function painter({ model, backend }: FaceAligner): (image: ImageView, faces: Faces) => ImageView {
  const scratch = new RenderScratch()
  let canvas: ImageView | undefined
  return (image, faces) => {
    if (canvas?.data.length !== image.data.length) canvas = copyImage(image)
    else (canvas.data as Uint8Array).set(image.data)
    renderShaded(canvas, faces, model, backend, { scratch })
    return canvas
  }
}
