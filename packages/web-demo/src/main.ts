import { proxy, transfer, wrap } from 'comlink'
import type { Engine } from './engine/engine.ts'
import { fetchBytes } from './engine/fetch-bytes.ts'
import type { EngineReport, FaceReport, FrameReport, Progress, Settings } from './engine/types.ts'
import { listenToControls, look, offerModels, settings, showSettings } from './page/controls.ts'
import { allowDownloads, offerDownloads } from './page/downloads.ts'
import { element } from './page/elements.ts'
import { ExpressionPanel } from './page/expression-panel.ts'
import { FaceList } from './page/face-list.ts'
import { listenForFiles, readPicture } from './page/file-source.ts'
import { LastChoice } from './page/last-choice.ts'
import { openCamera, play } from './page/live-source.ts'
import { showRate, showReport, showTimes } from './page/panel.ts'
import { isPlaying, isWebcamOn, type Playing, showPlaying } from './page/playing.ts'
import { SolidPanel } from './page/solid-panel.ts'
import { complain, Loading, say } from './page/status.ts'

const modelsUrl = new URL('models/', document.baseURI).href
const worker = new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module', name: 'engine' })
/** A worker whose code is missing answers nothing. */
const unanswered = new Promise<never>((_, reject) => {
  worker.onerror = () => reject(new Error('The page could not be loaded whole; load it again.'))
})
const engine = wrap<Engine>(worker)
const picture = element<HTMLCanvasElement>('picture')
const solid = new SolidPanel(engine, fail)
const faces = new FaceList((id) => void chooseFace(id))
const expression = new ExpressionPanel(() => void express())
const chosenSettings = new LastChoice()
const chosenSource = new LastChoice()
/** What the engine runs with; nothing until models could be loaded. */
let running: Settings | undefined
/** Settles when the last settings are loaded or have failed. */
let opening: Promise<void> = Promise.resolve()

/** Loads what the settings ask for. @throws {Error} one sentence when it cannot be had. */
function reopen(): Promise<void> {
  document.documentElement.dataset['engine'] = 'loading'
  opening = chosenSettings.take(async (signal) => {
    say('Loading models')
    try {
      await open(signal)
    } finally {
      if (!signal.aborted) document.documentElement.dataset['engine'] = running ? 'ready' : 'failed'
    }
  })
  return opening
}

async function open(signal: AbortSignal): Promise<void> {
  const onlyOpen = !running && !offerModels(await Promise.race([engine.exported(modelsUrl), unanswered]))
  const report = await load().catch((error: unknown) => {
    throw signal.aborted ? error : refused(error)
  })
  showReport(report)
  expression.offer(report)
  if (report.picture) {
    show(report.picture)
    say(describe(report.picture))
    await solid.show(true)
  } else {
    const which = onlyOpen ? ' The open model pack is used, since no published models lie beside this page.' : ''
    say(`Ready: choose a photograph, the webcam or a video.${which}`)
  }
}

async function load(): Promise<EngineReport> {
  const loading = new Loading()
  const wanted = settings()
  try {
    const onProgress = proxy((progress: Progress) => loading.show(progress))
    const report = await engine.open(wanted, look(), modelsUrl, onProgress)
    running = wanted
    return report
  } finally {
    loading.end()
  }
}

/** Settings that could not be loaded leave the engine as it was, and the controls say so. */
function refused(error: unknown): unknown {
  if (isLostDevice(error)) return error
  if (!running) {
    const instead =
      settings().model === 'open' ? '' : ' The open pack, which is part of this page, does without: choose it as Model.'
    return new Error(`${messageOf(error)}${instead}`, { cause: error })
  }
  showSettings(running)
  const again = 'What ran before goes on; choose the setting again to try once more.'
  return new Error(`${messageOf(error)} ${again}`, { cause: error })
}

/** Until there is something to look at pictures with. */
async function ready(): Promise<void> {
  let last: Promise<void>
  do {
    last = opening
    // Whoever asked for the settings is told what is wrong with them.
    await last.catch(() => {})
  } while (last !== opening)
  if (!running) await reopen()
}

function fail(error: unknown): void {
  if (isLostDevice(error)) withoutGpu()
  else complain(messageOf(error))
}

/** Errors cross the worker's border by name. */
function isLostDevice(error: unknown): boolean {
  return error instanceof Error && error.name === 'DeviceLostError'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The GPU is gone: everything goes on without it. */
function withoutGpu(): void {
  element<HTMLSelectElement>('provider').value = 'wasm'
  reopen().then(() => complain('The GPU was lost. WebAssembly takes its place; choose a picture again.'), fail)
}

function describe({ faces, original, width, height }: FrameReport): string {
  const smaller = original
    ? ` The picture's ${original.width} x ${original.height} pixels were made ${width} x ${height}, also for the downloads.`
    : ''
  if (faces.length === 0) {
    const anyWay =
      settings().roll === 'any'
        ? ''
        : ' Faces that lie on their side or upside down are found with "Faces stand: Any way round".'
    return `No face found. Try a larger detect size, a brighter picture or another detector.${anyWay}${smaller}`
  }
  return `${faces.length === 1 ? 'One face.' : `${faces.length} faces.`}${smaller}`
}

function show(report: FrameReport): void {
  element('hint').hidden = true
  showTimes(report)
  faces.show(report)
  // A face that is missed for a moment takes nobody's place at the keyboard away.
  if (report.faces.length > 0 || !isPlaying()) offerFace(faces.subject)
  picture.setAttribute('aria-label', describe(report))
}

/** What can be done with the face in 3D, if there is one. */
function offerFace(face: FaceReport | undefined): void {
  expression.follow(face?.expression)
  allowDownloads(face !== undefined)
}

/** Shows another face in 3D. */
async function chooseFace(id: number): Promise<void> {
  // What was made of the face before says nothing about this one.
  expression.reset()
  offerFace(faces.subject)
  try {
    await engine.choose(id)
    await solid.show(true)
  } catch (error) {
    fail(error)
  }
}

/** Goes on with another source, from the choice to its end; whatever was shown or waited for before ends at once. */
async function choose(playing: Playing | undefined, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const taken = chosenSource.take(async (signal) => {
    showPlaying(playing)
    try {
      await work(signal)
    } finally {
      if (!signal.aborted) showPlaying()
    }
  })
  await taken.catch(fail)
}

function takePhoto(file: Blob | Promise<Blob>): Promise<void> {
  return choose(undefined, async (signal) => {
    say('Reading the picture')
    const picked = await file
    const bitmap = await readPicture(picked)
    await ready()
    if (signal.aborted) return bitmap.close()
    say('Looking for faces')
    // What was made of another face says nothing about this one.
    expression.reset()
    const report = await engine.photo(transfer(bitmap, [bitmap]), picked instanceof File ? picked.name : 'picture')
    show(report)
    showRate(undefined)
    if (!signal.aborted) say(describe(report))
    await solid.show(true)
  })
}

function follow(
  playing: Playing,
  open: (signal: AbortSignal) => Promise<MediaStream | File>,
  name: string,
): Promise<void> {
  return choose(playing, async (signal) => {
    await ready()
    await engine.beginFrames(name)
    signal.throwIfAborted()
    let [last, isOver]: [FrameReport | undefined, boolean] = [undefined, false]
    say(playing === 'webcam' ? 'Waiting for the camera' : 'Opening the video')
    const onFrame = async (frame: ImageBitmap | VideoFrame, seconds: number): Promise<void> => {
      const report = await engine.frame(transfer(frame, [frame]), seconds)
      show(report)
      last = report
      // Stopped while this frame was looked at, or the camera went away: what has been said since is newer.
      if (signal.aborted || isOver) return
      if (report.faces.length === 0) say(describe(report))
      else say(`Following ${describe(report).toLowerCase()}`)
      await solid.follow()
    }
    try {
      await play(await open(signal), signal, onFrame, showRate)
    } finally {
      isOver = true
      // Now that nobody's place is at stake: nothing of what was shown before.
      offerFace(last && faces.subject)
    }
    say('The video is over.')
  })
}

function stop(): Promise<void> {
  return choose(undefined, async () => say('Stopped.'))
}

let isExpressing = false
let isMoved = false

/** Shows the mesh with the expression of the sliders, as they are whenever the last one has been shown. */
async function express(): Promise<void> {
  isMoved = true
  if (isExpressing) return
  isExpressing = true
  try {
    while (isMoved) {
      isMoved = false
      await engine.express(expression.changes, expression.faceModel)
      await solid.show(false)
    }
  } catch (error) {
    fail(error)
  } finally {
    isExpressing = false
  }
}

listenToControls(
  (chosen) => void engine.show(chosen).catch(fail),
  () => void reopen().catch(fail),
)
reopen().catch(fail)
offerDownloads(async (format) => {
  say(`Making the .${format} file`)
  const file = await engine.file(format)
  say(`${file.name} is ready.`)
  return file
}, fail)
listenForFiles(
  (file) => void takePhoto(file),
  (file) => void follow('video', async () => file, file.name),
)
element('sample').addEventListener('click', () => {
  const url = new URL('sample.png', document.baseURI)
  void takePhoto(fetchBytes(url).then((bytes) => new File([bytes], 'sample.png')))
})
element('webcam').addEventListener('click', () => void (isWebcamOn() ? stop() : follow('webcam', openCamera, 'webcam')))
element('stop').addEventListener('click', () => void stop())
if ('transferControlToOffscreen' in picture) {
  const canvas = picture.transferControlToOffscreen()
  void engine.attach(transfer(canvas, [canvas]))
} else
  fail(
    new Error(
      'This browser is too old for this page: it cannot draw in the background (OffscreenCanvas). Use a newer one.',
    ),
  )
