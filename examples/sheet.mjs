// What render-sheet.mjs and mesh-sheet.mjs have in common: the first face of a photo, and small pictures side by side.
import { readFile } from 'node:fs/promises'
import { createImage, FaceAligner, pickBackend, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { createNativeBackend } from '@3ddfa/render-native'
import sharp from 'sharp'

/** Pixels of a panel's side. */
export const SIDE = 320
const GROUND = 34
export const BACKGROUND = { r: GROUND, g: GROUND, b: GROUND }

/** An aligner with the fastest backend here, and the photo's size and first face. */
export async function openFace(photo) {
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
  const { data, info } = await sharp(photo, { ignoreIcc: true })
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const [face] = await aligner.align({ data, width, height, channels: 3 }, { dense: true })
  if (!face) throw new Error(`${photo} has no face that the detector finds; give another picture.`)
  return { aligner, face, width, height }
}

/** Grey to draw on. */
export function createGround(width, height) {
  const image = createImage(width, height)
  image.data.fill(GROUND)
  return image
}

/** A picture for sharp, whose pixels are not encoded yet. */
export function toSharp({ data, width, height, channels }) {
  return sharp(data, { raw: { width, height, channels } })
}

/** Writes panels (encoded pictures of SIDE x SIDE) row by row. */
export async function writeSheet(panels, columns, path, options = {}) {
  const tiles = panels.map((input, i) => ({
    input,
    left: (i % columns) * SIDE,
    top: Math.floor(i / columns) * SIDE,
  }))
  const [width, height] = [columns * SIDE, Math.ceil(panels.length / columns) * SIDE]
  await sharp({ create: { width, height, channels: 3, background: BACKGROUND } })
    .composite(tiles)
    .png({ compressionLevel: 9, ...options })
    .toFile(path)
  console.log(`${panels.length} pictures: ${path}`)
}
