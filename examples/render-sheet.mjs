// Every rendering of a picture's first face side by side on a plain ground: node render-sheet.mjs photo.jpg sheet.png
import { readFile } from 'node:fs/promises'
import {
  createImage,
  drawLandmarks,
  drawPoints,
  drawPoseAxes,
  drawPoseBox,
  FaceAligner,
  POINT_STYLE,
  pickBackend,
  ReferenceBackend,
  renderDepth,
  renderPncc,
  renderShaded,
  SessionParamRegressor,
  snapRoi,
} from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { createNativeBackend } from '@3ddfa/render-native'
import sharp from 'sharp'

const [photo, sheet] = process.argv.slice(2)
const { backend } = await pickBackend([
  { id: 'native', create: createNativeBackend },
  { id: 'reference', create: () => new ReferenceBackend() },
])
const aligner = await FaceAligner.create({
  detector: createOpenDetector(await createNodeSession(detectorPath), { resampler: backend }),
  regressor: new SessionParamRegressor(await createNodeSession(regressorPath), 'open'),
  model: readMorphableModel(await readFile(facePath)),
  backend,
})
const { data, info } = await sharp(photo)
  .autoOrient()
  .toColourspace('srgb')
  .removeAlpha()
  .raw()
  .toBuffer({ resolveWithObject: true })
const { width, height } = info
const faces = await aligner.align({ data, width, height, channels: 3 }, { dense: true })

const { model } = aligner
const [face] = faces
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

const COLUMNS = 3
const SIDE = 320
const GROUND = 34
// The face with room for the pose's box.
const { roi } = face
const margin = 0.18 * (roi.x2 - roi.x1)
const { x1, y1, x2, y2 } = snapRoi({
  x1: roi.x1 - margin,
  y1: roi.y1 - margin,
  x2: roi.x2 + margin,
  y2: roi.y2 + margin,
})
const tiles = await Promise.all(
  panels.map(async (draw, i) => {
    const image = createImage(width, height)
    image.data.fill(GROUND)
    draw(image)
    const crop = {
      left: Math.max(0, x1),
      top: Math.max(0, y1),
      width: Math.min(width, x2) - Math.max(0, x1),
      height: Math.min(height, y2) - Math.max(0, y1),
    }
    const part = sharp(image.data, { raw: { width, height, channels: 3 } }).extract(crop)
    const input = await part
      .resize(SIDE, SIDE, { fit: 'contain', background: { r: GROUND, g: GROUND, b: GROUND } })
      .png()
      .toBuffer()
    return { input, left: (i % COLUMNS) * SIDE, top: Math.floor(i / COLUMNS) * SIDE }
  }),
)
await sharp({
  create: { width: COLUMNS * SIDE, height: (panels.length / COLUMNS) * SIDE, channels: 3, background: 'black' },
})
  .composite(tiles)
  .png({ compressionLevel: 9 })
  .toFile(sheet)
console.log(`${panels.length} renderings: ${sheet}`)
await aligner.dispose()
