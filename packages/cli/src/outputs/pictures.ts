import { type Drawing, drawFaceNumber, drawFaces, type ImageView } from '@3ddfa/core'
import { opacityOver } from '../opacity.ts'
import { encodePng } from '../png.ts'
import type { Scene } from './scene.ts'
import { sideBySide } from './side-by-side.ts'
import type { Writer } from './writer.ts'

/** A drawing over the photo. */
export function drawingOnPhoto(drawing: Drawing): Writer<'.png'> {
  return picture((scene) => drawn(scene, drawing, scene.photo()))
}

/** A drawing over what --background asks for. */
export function drawingOnCanvas(drawing: Drawing): Writer<'.png'> {
  return picture((scene) => drawn(scene, drawing, scene.canvas()))
}

/** The faces' textures, side by side. */
export const texturePicture: Writer<'.png'> = picture((scene) => sideBySide(scene.textures('picture')))

function drawn({ faces, model, backend, settings }: Scene, drawing: Drawing, image: ImageView): ImageView {
  const { style, poseAs, background, numbers } = settings
  const opacity = opacityOver(background, settings.opacity)
  drawFaces(image, faces, drawing, { model, backend }, { style, poseAs, opacity })
  // Depth and PNCC are numbers themselves.
  if (numbers && drawing !== 'depth' && drawing !== 'pncc')
    for (const [i, { landmarks }] of faces.entries()) drawFaceNumber(image, i + 1, landmarks)
  return image
}

function picture(draw: (scene: Scene) => ImageView): Writer<'.png'> {
  return async (scene) => [{ suffix: '.png', data: await encodePng(draw(scene)) }]
}
