// A backend of your own: wrap one, change what you like. This one counts the triangles that it draws. node own-backend.mjs photo.jpg out.png
import { readFile } from 'node:fs/promises'
import { FaceAligner, pickBackend, ReferenceBackend, renderShaded, SessionParamRegressor } from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { createNativeBackend } from '@3ddfa/render-native'
import sharp from 'sharp'

const [photo, out] = process.argv.slice(2)

class CountingBackend extends ReferenceBackend {
  triangles = 0
  rasterize(mesh, target, firstId) {
    this.triangles += mesh.triangles.length / 3
    super.rasterize(mesh, target, firstId)
  }
}

// The first that works here is taken; `failures` says why those before it were not.
const native = await pickBackend([
  { id: 'native', create: createNativeBackend },
  { id: 'reference', create: () => new ReferenceBackend() },
])
console.log(`fastest backend here: ${native.backend.id}`)
native.backend.dispose()

const backend = new CountingBackend()
const aligner = await FaceAligner.create({
  detector: createOpenDetector(await createNodeSession(detectorPath)),
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
const image = { data, width: info.width, height: info.height, channels: 3 }
const faces = await aligner.align(image, { dense: true })
renderShaded(image, faces, aligner.model, backend)
await sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
  .png()
  .toFile(out)
console.log(`${faces.length} faces, ${backend.triangles} triangles, drawn to ${out}`)
await aligner.dispose()
