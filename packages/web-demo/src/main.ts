import { proxy, transfer, wrap } from 'comlink'
import type { Engine } from './engine/engine.ts'
import { fetchBytes } from './engine/fetch-bytes.ts'
import type { ExpressionChanges, FrameReport } from './engine/types.ts'
import { listenToControls, offerModels, settings } from './page/controls.ts'
import { allowDownloads, offerDownloads } from './page/downloads.ts'
import { element } from './page/elements.ts'
import { ExpressionPanel } from './page/expression-panel.ts'
import { LiveSource } from './page/live-source.ts'
import type { MeshView } from './page/mesh-view.ts'
import { showFaces, showRate, showReport, showTimes } from './page/panel.ts'
import { listenForPhotos, readPicture } from './page/photo-source.ts'
import { complain, Loading, say } from './page/status.ts'

const modelsUrl = new URL('models/', document.baseURI).href
const engine = wrap<Engine>(
  new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module', name: 'engine' }),
)
const picture = element<HTMLCanvasElement>('picture')
/** Settles when the last settings are loaded or have failed. */
let ready: Promise<void>
let view: MeshView | undefined | null
/** The face model that runs. */
let faceModel: string | undefined
/** When the mesh view last got a texture, in milliseconds. */
let painted = 0

const TEXTURE_EVERY = 500

/** @throws {Error} one sentence when the models cannot be loaded. */
async function open(): Promise<void> {
  const loading = new Loading()
  const state = document.documentElement.dataset
  try {
    state['engine'] = 'loading'
    say('Loading models')
    const isPublished = offerModels(await engine.exported(modelsUrl))
    const report = await engine.open(
      settings(),
      modelsUrl,
      proxy((progress) => loading.show(progress)),
    )
    showReport(report)
    expression.offer(report.expressions)
    await showModel(report.faceModel)
    const which = isPublished ? '' : ' The open model pack is used, since no published models lie beside this page.'
    say(`Ready: choose a photograph, the webcam or a video.${which}`)
    state['engine'] = 'ready'
  } catch (error) {
    state['engine'] = 'failed'
    throw error
  } finally {
    loading.end()
  }
}

function fail(error: unknown): void {
  // Errors cross the worker's border by name.
  if (error instanceof Error && error.name === 'DeviceLostError') withoutGpu()
  else complain(error instanceof Error ? error.message : String(error))
}

/** The GPU is gone: everything goes on without it. */
function withoutGpu(): void {
  element<HTMLSelectElement>('provider').value = 'wasm'
  reopen().then(() => complain('The GPU was lost. WebAssembly takes its place; choose a picture again.'), fail)
}

/** Another face model has another mesh, which the view in 3D has to learn anew. */
async function showModel(id: string): Promise<void> {
  if (view && faceModel !== id) view.take(await engine.topology())
  faceModel = id
}

function reopen(): Promise<void> {
  document.documentElement.dataset['engine'] = 'loading'
  ready = ready.catch(() => {}).then(open)
  return ready
}

function describe({ faces }: FrameReport): string {
  if (faces.length === 0) return 'No face found. Try a larger or brighter picture, or another detector.'
  return faces.length === 1 ? 'One face.' : `${faces.length} faces.`
}

function show(report: FrameReport): void {
  element('hint').hidden = true
  showTimes(report)
  showFaces(report)
  expression.follow(report.faces[0]?.expression)
  allowDownloads(report.faces.length > 0)
  picture.setAttribute('aria-label', describe(report))
}

async function takePhoto(file: Blob): Promise<void> {
  try {
    live.stop()
    live.ended()
    const bitmap = await readPicture(file)
    await ready
    say('Looking for faces')
    // What was made of another face says nothing about this one.
    expression.reset()
    await engine.express({})
    const report = await engine.photo(transfer(bitmap, [bitmap]))
    show(report)
    showRate(undefined)
    say(describe(report))
    await showSolid(true)
  } catch (error) {
    fail(error)
  }
}

/** Positions that the view has shown: they go back to be written anew. */
let used: Float32Array<ArrayBuffer> | undefined

async function showSolid(withTexture: boolean): Promise<void> {
  const again = used
  used = undefined
  const solid = await engine.solid(withTexture, again && transfer(again, [again.buffer]))
  if (!solid) return
  if (view === undefined) view = await openView()
  view?.show(solid)
  used = solid.positions
}

/** The view in 3D, or null with a reason on the page where there is no WebGL. */
async function openView(): Promise<MeshView | null> {
  try {
    // Larger than all else; a page without faces does not need it.
    const { MeshView } = await import('./page/mesh-view.ts')
    return new MeshView(element('mesh'), await engine.topology())
  } catch {
    element('mesh').textContent = 'This browser has no WebGL, which the view in 3D needs. Everything else works.'
    return null
  }
}

let isExpressing = false
let wanted: ExpressionChanges | undefined

/** Shows the mesh with another expression; of changes that come faster than that only the last one. */
async function express(changes: ExpressionChanges): Promise<void> {
  wanted = changes
  if (isExpressing) return
  isExpressing = true
  try {
    while (wanted) {
      const next: ExpressionChanges = wanted
      wanted = undefined
      await engine.express(next)
      await showSolid(false)
    }
  } catch (error) {
    fail(error)
  } finally {
    isExpressing = false
  }
}

class Live extends LiveSource {
  constructor() {
    super(
      async (bitmap, seconds) => {
        const report = await engine.frame(transfer(bitmap, [bitmap]), seconds)
        show(report)
        // Stopped while this frame was looked at: what has been said since is newer.
        if (!this.running) return
        if (report.faces.length === 0) say(describe(report))
        else say(`Following ${describe(report).toLowerCase()}`)
        if (view?.wanted === false) return
        const withTexture = performance.now() - painted > TEXTURE_EVERY
        if (withTexture) painted = performance.now()
        await showSolid(withTexture)
      },
      showRate,
      (error) => {
        this.ended()
        if (error) fail(error)
        else say('The video is over.')
      },
    )
  }

  async start(open: () => Promise<void>, webcam: boolean): Promise<void> {
    try {
      await ready
      say(webcam ? 'Waiting for the camera' : 'Opening the video')
      await engine.endOfFrames()
      await open()
      element('stop').hidden = false
      element('webcam').setAttribute('aria-pressed', String(webcam))
    } catch (error) {
      fail(error)
    }
  }

  ended(): void {
    element('stop').hidden = true
    element('webcam').setAttribute('aria-pressed', 'false')
  }
}

const live = new Live()
const expression = new ExpressionPanel((changes) => void express(changes))

listenToControls(
  (look) => void engine.show(look).catch(fail),
  () => void reopen().catch(fail),
)
ready = open()
ready.catch(fail)
offerDownloads((format) => engine.file(format), fail)
listenForPhotos(
  (file) => void takePhoto(file),
  (file) => void live.start(() => live.openFile(file), false),
)
element('sample').addEventListener('click', () => {
  void fetchBytes(new URL('sample.png', document.baseURI)).then((bytes) => takePhoto(new Blob([bytes])), fail)
})
element('webcam').addEventListener('click', () => void live.start(() => live.openCamera(), true))
element('choose-video').addEventListener('click', () => element('video-file').click())
element<HTMLInputElement>('video-file').addEventListener('change', (event) => {
  const [file] = (event.target as HTMLInputElement).files ?? []
  if (file) void live.start(() => live.openFile(file), false)
})
element('stop').addEventListener('click', () => {
  live.stop()
  live.ended()
  say('Stopped.')
})
const canvas = picture.transferControlToOffscreen()
void engine.attach(transfer(canvas, [canvas]))
