// Photograph to landmarks: node landmarks.mjs photo.jpg
import { readFile } from 'node:fs/promises'
import { FaceAligner, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import sharp from 'sharp'

const aligner = await FaceAligner.create({
  detector: createOpenDetector(await createNodeSession(detectorPath)),
  regressor: new SessionParamRegressor(await createNodeSession(regressorPath), 'open'),
  model: readMorphableModel(await readFile(facePath)),
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
