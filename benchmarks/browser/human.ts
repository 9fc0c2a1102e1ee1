import { createPicture, enter, loadFrames, timeFrames } from './frames.ts'

interface Human {
  detect(input: HTMLCanvasElement): Promise<{ face: { mesh: unknown[] }[] }>
  load(): Promise<void>
}

const firstFrame = loadFrames(1)
const url = new URL('human/human.esm.js', document.baseURI).href
const { Human } = (await import(/* @vite-ignore */ url)) as { Human: new (config: object) => Human }
const off = { enabled: false }
const human = new Human({
  backend: 'wasm',
  wasmPath: new URL('tfjs-wasm/', document.baseURI).href,
  modelBasePath: new URL('human-models/', document.baseURI).href,
  debug: false,
  filter: off,
  face: {
    enabled: true,
    detector: { maxDetected: 1, rotation: false },
    mesh: { enabled: true },
    iris: off,
    emotion: off,
    description: off,
    antispoof: off,
    liveness: off,
    attention: off,
  },
  body: off,
  hand: off,
  object: off,
  gesture: off,
  segmentation: off,
})
await human.load()
const picture = createPicture()
picture.context.drawImage((await firstFrame)[0]!, 0, 0)
await human.detect(picture.canvas)
const first = performance.now()

enter({
  first,
  run: async () => {
    const frames = await loadFrames(50)
    let points = 0
    const times = await timeFrames(frames, picture, async () => {
      points = (await human.detect(picture.canvas)).face[0]?.mesh.length ?? 0
    })
    if (points < 468) throw new Error(`Human found ${points} points.`)
    return { 'tracked frame, 468 points': times }
  },
})
