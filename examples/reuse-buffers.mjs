// Many pictures, flat memory: the dense vertices of every face go into one buffer. node reuse-buffers.mjs a.jpg b.jpg ...
import { readFile } from 'node:fs/promises'
import { FaceAligner, pickBackend, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { createNativeBackend } from '@3ddfa/render-native'
import sharp from 'sharp'

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

const vertices = new Float32Array(3 * aligner.model.vertexCount)
for (const photo of process.argv.slice(2)) {
  const { data, info } = await sharp(photo, { ignoreIcc: true })
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  for (const face of await aligner.align({ data, width: info.width, height: info.height, channels: 3 })) {
    aligner.vertices(face, vertices)
    let nearest = 2
    for (let i = 2; i < vertices.length; i += 3) if (vertices[i] > vertices[nearest]) nearest = i
    console.log(`${photo}: nearest point at ${vertices[nearest - 2].toFixed(1)}, ${vertices[nearest - 1].toFixed(1)}`)
  }
}
await aligner.dispose()
