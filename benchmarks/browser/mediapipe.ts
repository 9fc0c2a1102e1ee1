import { createPicture, enter, loadFrames, timeFrames } from './frames.ts'

interface FaceMesh {
  setOptions(options: object): void
  onResults(listener: (results: { multiFaceLandmarks: unknown[] }) => void): void
  send(input: { image: HTMLCanvasElement }): Promise<void>
}

const firstFrame = loadFrames(1)
await new Promise((resolve, reject) => {
  const script = document.createElement('script')
  script.src = 'mediapipe/face_mesh.js'
  script.crossOrigin = 'anonymous'
  script.onload = resolve
  script.onerror = reject
  document.head.append(script)
})
const { FaceMesh } = globalThis as unknown as { FaceMesh: new (options: object) => FaceMesh }
const mesh = new FaceMesh({ locateFile: (file: string) => `mediapipe/${file}` })
mesh.setOptions({ maxNumFaces: 1, refineLandmarks: false, useCpuInference: true })
let found = 0
mesh.onResults(({ multiFaceLandmarks }) => {
  found = multiFaceLandmarks.length
})
const picture = createPicture()
picture.context.drawImage((await firstFrame)[0]!, 0, 0)
await mesh.send({ image: picture.canvas })
const first = performance.now()

enter({
  first,
  run: async () => {
    const frames = await loadFrames(50)
    const times = await timeFrames(frames, picture, () => mesh.send({ image: picture.canvas }))
    if (found === 0) throw new Error('MediaPipe found no face.')
    return { 'tracked frame, 468 points': times }
  },
})
