import { FaceAligner, SessionParamRegressor } from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createWebSession } from '@3ddfa/inference/web'
import { readMorphableModel } from '@3ddfa/models/web'
import { detectorUrl, faceUrl, regressorUrl } from '@3ddfa/open-models'
import { createWasmBackend } from '@3ddfa/render-wasm'

/** URLs of the model pack, which the bundler brings along. */
const MODELS = { detector: detectorUrl, face: faceUrl, regressor: regressorUrl }

/** Faces of a picture. `wasm` and `models` are needed only where the bundler does not bring the files along by itself. */
export async function align(pictureUrl, { wasm, models = MODELS }) {
  const session = async (url) => createWebSession(await bytesOf(url), { wasm })
  const backend = await createWasmBackend()
  const aligner = await FaceAligner.create({
    detector: createOpenDetector(await session(models.detector), { resampler: backend }),
    regressor: new SessionParamRegressor(await session(models.regressor), 'open'),
    model: readMorphableModel(await bytesOf(models.face)),
    backend,
  })
  const faces = await aligner.align(await readPixels(pictureUrl), { dense: true })
  await aligner.dispose()
  return faces.map(({ pose, vertices }) => ({ yaw: pose.yaw, vertices: vertices.length / 3 }))
}

async function bytesOf(url) {
  return new Uint8Array(await (await fetch(url)).arrayBuffer())
}

async function readPixels(url) {
  // Colours as they are stored: so the networks were trained.
  const bitmap = await createImageBitmap(await (await fetch(url)).blob(), { colorSpaceConversion: 'none' })
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d')
  context.drawImage(bitmap, 0, 0)
  return { data: context.getImageData(0, 0, width, height).data, width, height, channels: 4 }
}
