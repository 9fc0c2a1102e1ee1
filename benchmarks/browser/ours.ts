import {
  type Backend,
  createImage,
  FaceAligner,
  type ImageView,
  prepareModel,
  SessionParamRegressor,
  verticesOf,
} from '@3ddfa/core'
import { createDetector, type DetectorName } from '@3ddfa/detector'
import { createWebSession, prepareWebRuntime } from '@3ddfa/inference/web'
import { loadMorphableModel, openWebModelStore } from '@3ddfa/models/web'
import { createWasmBackend } from '@3ddfa/render-wasm'
import { createPicture, enter, loadFrames, timeFrames } from './frames.ts'

// The runtime comes up while models are fetched.
void prepareWebRuntime()
/** `ours.html?detector=ultraface` */
const detectorName = (new URLSearchParams(location.search).get('detector') ?? 'faceboxes') as DetectorName
const store = openWebModelStore({ baseUrl: 'models/', cache: false })
const session = async (id: string) => createWebSession(await store.load(id))
const firstFrame = loadFrames(1)
const kernelsReady = createWasmBackend()
/** The backend takes the model over while the runtime still comes up. */
const modelReady = Promise.all([kernelsReady, loadMorphableModel(store)]).then(([kernels, loaded]) => {
  prepareModel(kernels, loaded)
  return loaded
})
const [backend, detector, regressor, model] = await Promise.all([
  kernelsReady,
  session(detectorName),
  session('mb05'),
  modelReady,
])
const aligner = await FaceAligner.create({
  detector: createDetector(detectorName, detector, { resampler: backend }),
  regressor: new SessionParamRegressor(regressor, 'mb05'),
  model,
  backend,
})
const picture = createPicture()
/** A tracker borrows a picture until the next one is asked for. */
const buffers = [0, 1].map(() => new Uint8Array(4 * 1280 * 720))
let turn = 0

/** The canvas' pixels by way of a VideoFrame: 0.8 ms, where `getImageData` takes 2.3 and leaves 3.7 MB behind. */
async function read(): Promise<ImageView> {
  const data = buffers[turn++ % 2]!
  const frame = new VideoFrame(picture.canvas, { timestamp: turn })
  await frame.copyTo(data, { format: 'RGBA' } as VideoFrameCopyToOptions)
  frame.close()
  return { data, width: 1280, height: 720, channels: 4 }
}

picture.context.drawImage((await firstFrame)[0]!, 0, 0)
await aligner.align(await read(), { dense: true })
const first = performance.now()

let clock = 0
async function track(dense: boolean): Promise<number[]> {
  const frames = await loadFrames(50)
  const tracker = aligner.tracker({ dense, reuse: true })
  return timeFrames(frames, picture, async () => {
    clock += 0.04
    await tracker.next(await read(), clock)
  })
}

/** One face, again and again. */
async function kernels(): Promise<Record<string, number[]>> {
  const [frame] = await loadFrames(1)
  picture.context.drawImage(frame!, 0, 0)
  const [face] = await aligner.align(await read(), { dense: true })
  const out = new Float32Array(3 * model.vertexCount)
  const mesh = { vertices: verticesOf(face!), triangles: model.triangles }
  const { x1, y1, x2, y2 } = face!.roi
  const [x, y] = [Math.floor(x1), Math.floor(y1)]
  const [width, height] = [Math.ceil(x2) - x, Math.ceil(y2) - y]
  const depth = new Float32Array(width * height)
  const triangleIds = new Int32Array(width * height)
  const crop = createImage(120, 120)
  const image = await read()
  return {
    'dense decode': repeat(() => aligner.vertices(face!, out)),
    rasterise: repeat(() => {
      depth.fill(-Infinity)
      triangleIds.fill(-1)
      ;(backend as Backend).rasterize(mesh, { x, y, width, height, depth, triangleIds })
    }),
    crop: repeat(() => backend.resample(image, { x1: x, y1: y, x2: x + width, y2: y + height }, crop)),
    read: await repeatAsync(read),
    regress: await repeatAsync(() => aligner.regressor.regress([crop])),
  }
}

function repeat(work: () => unknown): number[] {
  return Array.from({ length: 100 }, () => {
    const started = performance.now()
    work()
    return performance.now() - started
  })
}

async function repeatAsync(work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < 100; i++) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return times
}

enter({
  first,
  run: async () => ({
    'tracked frame, dense': await track(true),
    'tracked frame, sparse': await track(false),
    ...(await kernels()),
  }),
})
