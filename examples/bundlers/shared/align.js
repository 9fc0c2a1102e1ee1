import { FaceAligner, SessionParamRegressor } from '@3ddfa/core'
import { createFaceBoxes } from '@3ddfa/detector'
import { createWebSession } from '@3ddfa/inference/web'
import { loadMorphableModel, openWebModelStore } from '@3ddfa/models/web'
import { createWasmBackend } from '@3ddfa/render-wasm'

/** Faces of a picture. `wasm` is needed only where the bundler does not bring onnxruntime's WebAssembly along by itself. */
export async function align(pictureUrl, modelsUrl, wasm) {
  const models = openWebModelStore({ baseUrl: modelsUrl })
  const session = async (id) => createWebSession(await models.load(id), { wasm })
  const backend = await createWasmBackend()
  const aligner = await FaceAligner.create({
    detector: createFaceBoxes(await session('faceboxes'), { resampler: backend }),
    regressor: new SessionParamRegressor(await session('mb05'), 'mb05'),
    model: await loadMorphableModel(models),
    backend,
  })
  const faces = await aligner.align(await readPixels(pictureUrl), { dense: true })
  await aligner.dispose()
  return faces.map(({ pose, vertices }) => ({ yaw: pose.yaw, vertices: vertices.length / 3 }))
}

async function readPixels(url) {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob())
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d')
  context.drawImage(bitmap, 0, 0)
  return { data: context.getImageData(0, 0, width, height).data, width, height, channels: 4 }
}
