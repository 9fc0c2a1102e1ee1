import { FaceAligner, type InputFrame, SessionParamRegressor } from '@3ddfa/core'
import { createFaceBoxes } from '@3ddfa/detector'
import { createWebSession } from '@3ddfa/inference/web'
import { loadMorphableModel, openWebModelStore } from '@3ddfa/models/web'
import { createWasmBackend } from '@3ddfa/render-wasm'

/** Follows the faces of a picture that moves, as a Web Stream of WebCodecs frames; ids of each frame, and frames left open. */
async function followStream(count: number): Promise<{ ids: number[][]; open: number }> {
  const models = openWebModelStore({ baseUrl: '/exported/', cache: false })
  const session = async (id: string) => createWebSession(await models.load(id))
  const backend = await createWasmBackend()
  const aligner = await FaceAligner.create({
    detector: createFaceBoxes(await session('faceboxes'), { resampler: backend }),
    regressor: new SessionParamRegressor(await session('mb05'), 'mb05'),
    model: await loadMorphableModel(models),
    backend,
  })
  const picture = await createImageBitmap(await (await fetch('/sample/sample.png')).blob())
  const { width, height } = picture
  const context = new OffscreenCanvas(width, height).getContext('2d')!
  let [sent, open] = [0, 0]
  const source = new ReadableStream<VideoFrame>(
    {
      pull(controller) {
        if (sent === count) return controller.close()
        context.drawImage(picture, 2 * sent, sent)
        controller.enqueue(new VideoFrame(context.canvas, { timestamp: 40_000 * ++sent }))
        open++
      },
    },
    { highWaterMark: 1 },
  )
  const toFrame = async (frame: VideoFrame): Promise<InputFrame> => {
    const data = new Uint8Array(4 * width * height)
    await frame.copyTo(data, { format: 'RGBA' } as VideoFrameCopyToOptions)
    frame.close()
    open--
    return { image: { data, width, height, channels: 4 }, timestamp: frame.timestamp / 1e6 }
  }
  const ids: number[][] = []
  for await (const frame of aligner.track(source, { toFrame, dense: true, reuse: true }))
    ids.push(frame.faces.map((f) => f.id))
  await aligner.dispose()
  return { ids, open }
}

Object.assign(globalThis, { followStream })
