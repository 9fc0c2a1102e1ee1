// Photograph to landmarks with the published models, which the store brings first: node published-models.mjs photo.jpg
import { FaceAligner, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createFaceBoxes } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, openModelStore } from '@3ddfa/models/node'
import sharp from 'sharp'

const models = openModelStore()
const aligner = await FaceAligner.create({
  detector: createFaceBoxes(await createNodeSession(await models.ensure('faceboxes'))),
  regressor: new SessionParamRegressor(await createNodeSession(await models.ensure('mb05')), 'mb05'),
  model: await loadMorphableModel(models),
  backend: new ReferenceBackend(),
})

const { data, info } = await sharp(process.argv[2], { ignoreIcc: true })
  .autoOrient()
  .toColourspace('srgb')
  .removeAlpha()
  .raw()
  .toBuffer({ resolveWithObject: true })
for (const { landmarks, pose } of await aligner.align({ data, width: info.width, height: info.height, channels: 3 })) {
  const degrees = (radians) => ((radians * 180) / Math.PI).toFixed(1)
  console.log(
    `yaw ${degrees(pose.yaw)}, pitch ${degrees(pose.pitch)}, roll ${degrees(pose.roll)}; nose tip at ${landmarks.slice(90, 92)}`,
  )
}
await aligner.dispose()
