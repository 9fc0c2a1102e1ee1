import {
  DRAWING_STYLES,
  type DrawingStyle,
  drawLandmarks,
  drawPoints,
  drawPose,
  type ImageView,
  renderDepth,
  renderPncc,
  renderShaded,
  verticesOf,
} from '@3ddfa/core'
import { encodePng } from '../png.ts'
import type { Scene } from './scene.ts'
import { sideBySide } from './side-by-side.ts'
import type { Writer } from './writer.ts'

export const landmarkPicture: Writer = picture((scene) => {
  const image = scene.photo()
  for (const { landmarks } of scene.faces) drawLandmarks(image, landmarks, styleOf(scene).landmarks)
  return image
})

export const densePicture: Writer = picture((scene) => {
  const image = scene.photo()
  for (const face of scene.faces) drawPoints(image, verticesOf(face), styleOf(scene).points)
  return image
})

export const posePicture: Writer = picture((scene) => {
  const image = scene.photo()
  for (const face of scene.faces) drawPose(image, face, scene.settings.poseAs, styleOf(scene).poseBox)
  return image
})

export const shadedPicture: Writer = picture((scene) => {
  const image = scene.canvas()
  const { mesh } = styleOf(scene)
  // On black there is nothing to shine through.
  const opacity = scene.settings.background === 'black' ? 1 : (scene.settings.opacity ?? mesh.opacity)
  renderShaded(image, scene.faces, scene.model, scene.backend, { ...mesh, opacity })
  return image
})

export const depthPicture: Writer = picture((scene) => {
  const image = scene.canvas()
  renderDepth(image, scene.faces, scene.model, scene.backend)
  return image
})

export const pnccPicture: Writer = picture((scene) => {
  const image = scene.canvas()
  renderPncc(image, scene.faces, scene.model, scene.backend)
  return image
})

/** The faces' textures, side by side. */
export const texturePicture: Writer = picture((scene) => sideBySide(scene.textures()))

function styleOf({ settings }: Scene): DrawingStyle {
  return DRAWING_STYLES[settings.style]
}

function picture(draw: (scene: Scene) => ImageView): Writer {
  return async (scene) => [{ suffix: '.png', data: await encodePng(draw(scene)) }]
}
