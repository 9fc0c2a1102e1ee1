// What is made of one face's mesh, on a skin that is painted here: node mesh-sheet.mjs photo.jpg sheet.png
// Of the photo only shape and pose are taken.
import { readFile } from 'node:fs/promises'
import {
  canonicalVertices,
  createImage,
  createUvChart,
  FaceAligner,
  frontalVertices,
  paintTexture,
  pickBackend,
  placeInSquare,
  positionMapOfChart,
  ReferenceBackend,
  regionMask,
  renderFrontalView,
  renderTextured,
  SessionParamRegressor,
  uvTexture,
  vertexVisibility,
} from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { createNativeBackend } from '@3ddfa/render-native'
import sharp from 'sharp'

const [photo, sheet] = process.argv.slice(2)
const SIDE = 320
const GROUND = 34

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
const { model } = aligner
const { data, info } = await sharp(photo).autoOrient().removeAlpha().raw().toBuffer({ resolveWithObject: true })
const faces = await aligner.align({ data, width: info.width, height: info.height, channels: 3 }, { dense: true })
const canonical = canonicalVertices(model)
const vertices = placeInSquare(faces[0].vertices, SIDE, 0.08)
const turned = placeInSquare(frontalVertices(vertices, canonical), SIDE, 0.08)

/** A skin by u and v: squares in two tones, eyes and mouth in colours of their own. */
function paintSkin(dark, light, eyes, lips) {
  const size = 1024
  const skin = createImage(size, size)
  const regions = [regionMask(model, 'eyes', { size }), regionMask(model, 'mouth', { size })]
  for (let t = 0; t < size * size; t++) {
    const odd = (Math.floor((t % size) / 64) + Math.floor(t / size / 64)) % 2
    const [eye, mouth] = regions.map(({ data }) => data[t])
    for (let k = 0; k < 3; k++) {
      const tone = (odd ? dark : light)[k]
      skin.data[3 * t + k] = tone * (1 - eye) * (1 - mouth) + eyes[k] * eye + lips[k] * mouth
    }
  }
  return skin
}

const ground = () => {
  const image = createImage(SIDE, SIDE)
  image.data.fill(GROUND)
  return image
}
const rendered = (points, texture) => {
  const image = ground()
  renderTextured(image, points, model, texture, backend)
  return image
}
const skin = paintSkin([196, 138, 106], [232, 180, 146], [60, 90, 160], [190, 60, 70])
const picture = rendered(vertices, skin)
const chart = createUvChart(model, SIDE, backend)
const unwrapped = (hidden) => uvTexture(picture, vertices, model, backend, { chart, hidden })

function visibility() {
  const mesh = { vertices, triangles: model.triangles }
  const seen = vertexVisibility(mesh, picture, backend)
  const colors = Float32Array.from({ length: 3 * seen.length }, (_, i) => [0.9, 0.25, 0.2][i % 3])
  seen.forEach((value, i) => {
    if (value) colors.set([0.2, 0.75, 0.35], 3 * i)
  })
  const image = ground()
  const front = { vertices: turned, triangles: model.triangles }
  const target = {
    ...{ x: 0, y: 0, width: SIDE, height: SIDE, depth: new Float32Array(SIDE * SIDE).fill(-Infinity) },
    triangleIds: new Int32Array(SIDE * SIDE).fill(-1),
  }
  const light = backend.light(front, backend.vertexNormals(front), {
    ...{ ambient: 0.4, directional: 0.6, specular: 0 },
    position: [0, 0, 5],
  })
  backend.rasterize(front, target)
  backend.shade(
    front,
    colors.map((c, i) => c * light[i]),
    target,
    image,
  )
  return image
}

function positions() {
  const map = positionMapOfChart(chart, vertices, model)
  const image = createImage(SIDE, SIDE)
  for (let i = 0; i < map.data.length; i++) image.data[i] = Math.min(255, (255 * map.data[i]) / SIDE)
  return image
}

const other = rendered(turned, paintSkin([120, 84, 60], [164, 118, 86], [40, 120, 60], [120, 40, 60]))
const otherSkin = uvTexture(other, turned, model, backend, { size: 1024 })
const swapped = paintTexture(picture, vertices, model, otherSkin, backend, {
  mask: regionMask(model, 'face'),
  blend: 'feather',
})
const frontal = renderFrontalView(
  turned,
  model,
  uvTexture(picture, vertices, model, backend, { size: 1024, hidden: 'mirror' }),
  backend,
  { size: SIDE, margin: 0.08 },
)

const panels = [
  picture,
  visibility(),
  positions(),
  unwrapped('cut'),
  unwrapped('fill'),
  unwrapped('mirror'),
  frontal,
  swapped,
]
const COLUMNS = 4
const tiles = await Promise.all(
  panels.map(async ({ data, width, height, channels }, i) => ({
    input: await sharp(data, { raw: { width, height, channels } }).png().toBuffer(),
    left: (i % COLUMNS) * SIDE,
    top: Math.floor(i / COLUMNS) * SIDE,
  })),
)
const background = { r: GROUND, g: GROUND, b: GROUND }
await sharp({ create: { width: COLUMNS * SIDE, height: 2 * SIDE, channels: 3, background } })
  .composite(tiles)
  .png({ compressionLevel: 9, palette: true })
  .toFile(sheet)
console.log(`${panels.length} panels: ${sheet}`)
await aligner.dispose()
