// What is made of one face's mesh, on a skin that is painted here: node mesh-sheet.mjs photo.jpg sheet.png
// Of the photo only shape and pose are taken.
import {
  boundingBox,
  canonicalVertices,
  createImage,
  createRenderTarget,
  createUvChart,
  frontalVertices,
  paintTexture,
  positionMapOfChart,
  regionMask,
  renderFrontalView,
  renderTextured,
  uvTexture,
  vertexVisibility,
} from '@3ddfa/core'
import { createGround, openFace, SIDE, toSharp, writeSheet } from './sheet.mjs'

const [photo, sheet] = process.argv.slice(2)
const { aligner, face } = await openFace(photo)
const { model, backend } = aligner
const vertices = inTheMiddle(face.vertices)
const turned = inTheMiddle(frontalVertices(vertices, canonicalVertices(model)))

/** Vertices scaled and moved into a panel. */
function inTheMiddle(points) {
  const { x1, y1, x2, y2 } = boundingBox(points)
  const scale = (0.84 * SIDE) / Math.max(x2 - x1, y2 - y1)
  const shift = [x1 + x2, y1 + y2].map((sum) => (SIDE - 1 - scale * sum) / 2)
  return points.map((value, i) => scale * value + (shift[i % 3] ?? 0))
}

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

const rendered = (points, texture) => {
  const image = createGround(SIDE, SIDE)
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
  const image = createGround(SIDE, SIDE)
  const front = { vertices: turned, triangles: model.triangles }
  const target = createRenderTarget(image, [turned])
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
const pictures = panels.map((panel) => toSharp(panel).png().toBuffer())
await writeSheet(await Promise.all(pictures), 4, sheet, { palette: true })
await aligner.dispose()
