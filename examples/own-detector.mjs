// A detector of your own: anything with `detect` will do. Here: boxes that are known already. node own-detector.mjs photo.jpg x1 y1 x2 y2
import { readFile } from 'node:fs/promises'
import { FaceAligner, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models/node'
import { facePath, regressorPath } from '@3ddfa/open-models/node'
import sharp from 'sharp'

const [photo, ...numbers] = process.argv.slice(2)
const [x1, y1, x2, y2] = numbers.map(Number)

/** @type {import('@3ddfa/core').FaceDetector} */
const detector = {
  id: 'by-hand',
  detect: async () => [{ x1, y1, x2, y2, score: 1 }],
  dispose: async () => {},
}

const aligner = await FaceAligner.create({
  detector,
  regressor: new SessionParamRegressor(await createNodeSession(regressorPath), 'open'),
  model: readMorphableModel(await readFile(facePath)),
  backend: new ReferenceBackend(),
})
const { data, info } = await sharp(photo, { ignoreIcc: true })
  .autoOrient()
  .toColourspace('srgb')
  .removeAlpha()
  .raw()
  .toBuffer({ resolveWithObject: true })
const faces = await aligner.align({ data, width: info.width, height: info.height, channels: 3 })
console.log(`${faces.length} face, left mouth corner at ${faces[0].landmarks.slice(144, 146)}`)
await aligner.dispose()
