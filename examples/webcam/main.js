// Webcam to landmarks, in any browser: pnpm --filter @3ddfa/examples webcam
import { drawFaces, FaceAligner, SessionParamRegressor } from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createWebSession } from '@3ddfa/inference/web'
import { readMorphableModel } from '@3ddfa/models/web'
import { detectorUrl, faceUrl, regressorUrl } from '@3ddfa/open-models'
import { createWasmBackend } from '@3ddfa/render-wasm'

const output = document.querySelector('output')
const screen = document.querySelector('canvas').getContext('2d')

const download = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer())
const session = async (url) => createWebSession(await download(url))

/** Every new picture of a video that plays. */
async function* framesOf(video) {
  // By way of a canvas: VideoFrame.copyTo would be faster, but WebKit does not turn pixels into RGBA there, and does not say so.
  const paper = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  while (!video.ended) {
    const timestamp = await new Promise((resolve) => {
      video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime))
    })
    const { videoWidth: width, videoHeight: height } = video
    if (paper.canvas.width !== width || paper.canvas.height !== height) Object.assign(paper.canvas, { width, height })
    paper.drawImage(video, 0, 0)
    yield { image: { data: paper.getImageData(0, 0, width, height).data, width, height, channels: 4 }, timestamp }
  }
}

async function main() {
  const backend = await createWasmBackend()
  const [detector, regressor, face] = await Promise.all([
    session(detectorUrl),
    session(regressorUrl),
    download(faceUrl),
  ])
  const aligner = await FaceAligner.create({
    detector: createOpenDetector(detector, { resampler: backend }),
    regressor: new SessionParamRegressor(regressor, 'open'),
    model: readMorphableModel(face),
    backend,
  })
  const video = document.createElement('video')
  Object.assign(video, { muted: true, playsInline: true })
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user' } })
  await video.play()
  for await (const { image, faces } of aligner.track(framesOf(video))) {
    drawFaces(image, faces, 'sparse', aligner)
    const { data, width, height } = image
    if (screen.canvas.width !== width || screen.canvas.height !== height)
      Object.assign(screen.canvas, { width, height })
    screen.putImageData(new ImageData(data, width, height), 0, 0)
    output.value = `Faces: ${faces.map(({ id, pose }) => `${id} (yaw ${((180 * pose.yaw) / Math.PI).toFixed(0)}°)`).join(', ') || 'none'}`
  }
}

main().catch((error) => {
  output.value = String(error)
})
