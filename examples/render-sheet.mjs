// Every rendering of a picture's first face side by side on a plain ground: node render-sheet.mjs photo.jpg sheet.png
import {
  drawLandmarks,
  drawPoints,
  drawPoseAxes,
  drawPoseBox,
  POINT_STYLE,
  renderDepth,
  renderPncc,
  renderShaded,
  snapRoi,
} from '@3ddfa/core'
import { BACKGROUND, createGround, openFace, SIDE, toSharp, writeSheet } from './sheet.mjs'

const [photo, sheet] = process.argv.slice(2)
const { aligner, face, width, height } = await openFace(photo)
const { model, backend } = aligner
const panels = [
  (image) => renderShaded(image, [face], model, backend, { opacity: 1 }),
  (image) => renderDepth(image, [face], model, backend),
  (image) => renderPncc(image, [face], model, backend),
  (image) => drawPoints(image, face.vertices, { ...POINT_STYLE, radius: 0.8 }),
  (image) => drawLandmarks(image, face.landmarks),
  (image) => {
    renderShaded(image, [face], model, backend, { opacity: 0.5 })
    drawPoseBox(image, face)
    drawPoseAxes(image, face)
  },
]

// The face with room for the pose's box.
const { roi } = face
const margin = 0.18 * (roi.x2 - roi.x1)
const { x1, y1, x2, y2 } = snapRoi({
  x1: roi.x1 - margin,
  y1: roi.y1 - margin,
  x2: roi.x2 + margin,
  y2: roi.y2 + margin,
})
const [left, top] = [Math.max(0, x1), Math.max(0, y1)]
const crop = { left, top, width: Math.min(width, x2) - left, height: Math.min(height, y2) - top }
const pictures = panels.map((draw) => {
  const image = createGround(width, height)
  draw(image)
  return toSharp(image).extract(crop).resize(SIDE, SIDE, { fit: 'contain', background: BACKGROUND }).png().toBuffer()
})
await writeSheet(await Promise.all(pictures), 3, sheet)
await aligner.dispose()
