import {
  type FaceAligner,
  type ImageView,
  mouthColors,
  spatialBounds,
  splitParams,
  type TrackedFace,
  uvTexture,
  type VideoTracker,
  verticesOf,
  withExpression,
} from '@3ddfa/core'
import { transfer } from 'comlink'
import { type Aligned, makeFile } from './files.ts'
import { liningOf } from './lining.ts'
import { exportedModels } from './model-sources.ts'
import { openAligner } from './open-aligner.ts'
import { drawOverlay, isDense } from './overlay.ts'
import { MAX_FRAME, MAX_PHOTO, readPixels, toImageData } from './pictures.ts'
import { Stopwatch } from './stopwatch.ts'
import type {
  EngineReport,
  ExpressionChanges,
  FaceReport,
  Format,
  FrameReport,
  Look,
  NamedFile,
  Progress,
  Settings,
  Solid,
} from './types.ts'

/** All work of the page, in a worker. Calls are answered in their order. */
export class Engine {
  /** Of the canvas that the page shows. */
  #screen: OffscreenCanvasRenderingContext2D | undefined
  #aligner: FaceAligner | undefined
  readonly #watch = new Stopwatch()
  #tracker: VideoTracker | undefined
  #settings: Settings | undefined
  #look: Look | undefined
  /** Id of the face that somebody chose. */
  #chosen: number | undefined
  #changes: ExpressionChanges = {}
  #photo: ImageView | undefined
  /** The file that the picture is of, or what stands for it. */
  #name = 'face'
  /** Of the photograph as it came. */
  #original: FrameReport['original']
  #faces: readonly TrackedFace[] = []
  #shown: ImageView | undefined
  #paper: ImageData | undefined
  /** Written anew with every frame, one a face. */
  #vertices: Float32Array[] = []
  /** Of the subject with another expression, written anew with every frame. */
  #altered: Float32Array | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #loading = new AbortController()

  /** The canvas that the page shows. */
  attach(canvas: OffscreenCanvas): void {
    // Once: Firefox refuses to hand the context of a page's canvas out again.
    this.#screen = canvas.getContext('2d')!
    // A GPU that is lost takes what was drawn with it.
    canvas.addEventListener('contextrestored', () => void this.#next(async () => this.#draw()))
  }

  /** Names of the models that lie beside the page; the open pack is always there. */
  exported(modelsUrl: string): Promise<string[]> {
    return exportedModels(modelsUrl)
  }

  /**
   * Loads what the settings ask for in place of what ran before, and looks at the picture that is shown again. When it fails
   * everything stays as it was. Ends what an earlier call still loads, which then fails.
   */
  open(
    settings: Settings,
    look: Look,
    modelsUrl: string,
    onProgress: (progress: Progress) => void,
  ): Promise<EngineReport> {
    this.#loading.abort()
    this.#loading = new AbortController()
    const { signal } = this.#loading
    return this.#next(async () => {
      signal.throwIfAborted()
      const { aligner, report } = await openAligner(settings, modelsUrl, this.#watch, onProgress, signal)
      const started = this.#start()
      const photo = this.#photo
      const faces =
        photo &&
        (await this.#align(aligner, photo, settings).catch(async (error: unknown) => {
          await aligner.dispose().catch(() => {})
          throw error
        }))
      // What a lost GPU held cannot be given back; the new one works all the same.
      await this.#aligner?.dispose().catch(() => {})
      if (this.#aligner?.model.id !== aligner.model.id) this.#changes = {}
      // Numbers are given anew.
      this.#chosen = undefined
      this.#aligner = aligner
      this.#settings = settings
      this.#look = look
      this.#tracker = undefined
      this.#vertices = []
      this.#altered = undefined
      return faces ? { ...report, picture: this.#take(photo, faces, started) } : report
    })
  }

  /** A photograph of the file `name`, whose face has its own expression at first; closes the bitmap. */
  photo(bitmap: ImageBitmap, name: string): Promise<FrameReport> {
    return this.#next(async () => {
      this.#name = name
      this.#tracker = undefined
      this.#chosen = undefined
      this.#changes = {}
      const started = this.#start()
      const { width, height } = bitmap
      const photo = await this.#read(bitmap, MAX_PHOTO)
      this.#original = photo.width === width ? undefined : { width, height }
      return this.#take(photo, await this.#align(this.#open, photo, this.#settings!), started)
    })
  }

  /** The next frame of a camera or video, `seconds` after some start; closes it. */
  frame(source: ImageBitmap | VideoFrame, seconds: number): Promise<FrameReport> {
    return this.#next(async () => {
      const started = this.#start()
      const picture = await this.#read(source, MAX_FRAME)
      this.#original = undefined
      const { smoothing } = this.#look!
      // Only the mean over frames is more than what the smoothed parameters give.
      const options = { smoothing, dense: smoothing === 'look-ahead', reuse: true, anyRoll: isAnyRoll(this.#settings!) }
      this.#tracker ??= this.#open.tracker(options)
      const tracker = this.#tracker
      const tracked = await this.#watch.time('track', () => tracker.next(picture, seconds))
      return this.#take(tracked?.image ?? picture, tracked?.faces ?? [], started)
    })
  }

  /** Frames of another camera or video, `name`, follow: forgets the faces of the last one. */
  beginFrames(name: string): Promise<void> {
    return this.#next(async () => {
      this.#name = name
      this.#tracker = undefined
      this.#chosen = undefined
    })
  }

  /** Changes what is drawn and how; redraws the last picture. Another smoothing begins with new faces. */
  show(look: Look): Promise<void> {
    return this.#next(async () => {
      if (look.smoothing !== this.#look?.smoothing) this.#tracker = undefined
      this.#look = look
      this.#draw()
    })
  }

  /** Shows the face of this id in 3D from now on, for as long as it is there, with its own expression at first. */
  choose(id: number): Promise<void> {
    return this.#next(async () => {
      this.#chosen = id
      this.#changes = {}
    })
  }

  /** Gives the face of `solid` another expression from now on; no changes: its own. What was meant for another face model is ignored. */
  express(changes: ExpressionChanges, faceModel: string): Promise<void> {
    return this.#next(async () => {
      if (faceModel === this.#open.model.id) this.#changes = changes
    })
  }

  /**
   * The chosen face of the last picture, else its first, with the expression of `express`; undefined without faces. `known`: the face model whose topology is there
   * already. `used`: positions that were shown, to be written anew.
   */
  solid(withTexture: boolean, known?: string, used?: Float32Array<ArrayBuffer>): Promise<Solid | undefined> {
    return this.#next(async () => {
      this.#complete()
      const face = this.#subject
      if (!face) return undefined
      const vertices = verticesOf(face)
      const positions = toUnitCube(
        verticesOf(this.#express(face)),
        vertices,
        used?.length === vertices.length ? used : new Float32Array(vertices.length),
      )
      const { model, backend } = this.#open
      const lining = liningOf(model)
      const topology = model.id === known ? {} : { topology: { triangles: model.triangles, uv: model.uv, lining } }
      const solid = { faceModel: model.id, positions, ...topology }
      if (!withTexture) return transfer(solid, [positions.buffer])
      const texels = uvTexture(this.#photo!, vertices, model, backend, { size: 512, hidden: 'mirror' })
      // Bytes go by themselves: not every browser lets go of an ImageData's.
      const { data, width, height } = toImageData(texels)
      const mouth = lining && mouthColors(this.#photo!, vertices, lining, model)
      return transfer({ ...solid, texture: { data, width, height }, mouth }, [positions.buffer, data.buffer])
    })
  }

  /** @throws {Error} one sentence when there is no face. */
  file(format: Format): Promise<NamedFile> {
    return this.#next(() => {
      if (this.#faces.length === 0) throw new Error('No face is shown now; download again when there is one.')
      this.#complete()
      const [photo, faces] = [this.#photo!, this.#faces]
      const subject = this.#subject
      const solids = faces.map((face) => (face === subject ? this.#express(face) : face))
      const aligned: Aligned = { name: this.#name, photo, shown: this.#shown ?? photo, faces, solids }
      return makeFile(format, aligned, this.#open)
    })
  }

  get #open(): FaceAligner {
    if (!this.#aligner) throw new Error('The models are not loaded yet.')
    return this.#aligner
  }

  get #subject(): TrackedFace | undefined {
    return this.#faces.find(({ id }) => id === this.#chosen) ?? this.#faces[0]
  }

  /** Begins to measure. */
  #start(): number {
    this.#watch.take()
    return performance.now()
  }

  #read(source: ImageBitmap | VideoFrame, most: number): Promise<ImageView> {
    return this.#watch.time('read', () => readPixels(source, most))
  }

  async #align(aligner: FaceAligner, photo: ImageView, settings: Settings): Promise<TrackedFace[]> {
    const faces = await this.#watch.time('track', () => aligner.align(photo, { anyRoll: isAnyRoll(settings) }))
    return faces.map((face, i) => ({ ...face, id: i + 1, confidence: face.box?.score ?? 1 }))
  }

  /** Shows these faces from now on. */
  #take(photo: ImageView, faces: readonly TrackedFace[], started: number): FrameReport {
    this.#photo = photo
    this.#faces = faces
    this.#watch.time('draw', () => this.#draw())
    const { width, height } = photo
    const total = performance.now() - started
    const reports = faces.map((face) => report(face, photo, this.#open))
    const subject = this.#subject?.id
    return { width, height, original: this.#original, faces: reports, subject, stages: this.#watch.take(), total }
  }

  /** Gives every face its dense vertices, which sparse tracking leaves out. */
  #complete(): void {
    const aligner = this.#aligner
    if (!aligner) return
    this.#faces = this.#faces.map((face, i) => {
      if (face.vertices) return face
      this.#vertices[i] ??= new Float32Array(3 * aligner.model.vertexCount)
      return { ...face, vertices: aligner.vertices(face, this.#vertices[i]) }
    })
  }

  /** A face as the sliders have it. */
  #express(face: TrackedFace): TrackedFace {
    if (Object.keys(this.#changes).length === 0) return face
    const { model } = this.#open
    const expression = splitParams(model, face.params).expression.map((value, k) => this.#changes[k] ?? value)
    this.#altered ??= new Float32Array(3 * model.vertexCount)
    const params = withExpression(model, face.params, expression)
    return { ...face, params, vertices: this.#open.vertices({ params, roi: face.roi }, this.#altered) }
  }

  #draw(): void {
    if (!this.#screen || !this.#photo || !this.#aligner || !this.#look) return
    if (isDense(this.#look.overlay)) this.#complete()
    this.#shown = drawOverlay(this.#look, this.#copyOf(this.#photo), this.#faces, this.#aligner)
    const { width, height } = this.#shown
    const { canvas } = this.#screen
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
    const pixels = this.#shown.data === this.#paper?.data ? this.#paper : toImageData(this.#shown)
    this.#screen.putImageData(pixels, 0, 0)
  }

  /** The photograph on the paper that every frame is drawn on. */
  #copyOf({ data, width, height }: ImageView): ImageView {
    if (this.#paper?.width !== width || this.#paper.height !== height) this.#paper = new ImageData(width, height)
    this.#paper.data.set(data)
    return { data: this.#paper.data, width, height, channels: 4 }
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => {})
    return result
  }
}

function isAnyRoll({ roll }: Settings): boolean {
  return roll === 'any'
}

function report(face: TrackedFace, { width, height }: ImageView, { model }: FaceAligner): FaceReport {
  const { id, pose, confidence, params, roi } = face
  const degrees = (radians: number): number => (radians * 180) / Math.PI
  const angles = { yaw: degrees(pose.yaw), pitch: degrees(pose.pitch), roll: degrees(pose.roll) }
  const inside = (part: number): number => Math.min(1, Math.max(0, part))
  const place = { x: inside((roi.x1 + roi.x2) / 2 / width), y: inside(roi.y1 / height) }
  return { id, ...place, confidence, ...angles, expression: Array.from(splitParams(model, params).expression) }
}

/** y up, moved and scaled so that `frame` is centred with its longest side from -1 to 1: a face that changes stays where it is. */
function toUnitCube(
  vertices: Float32Array,
  frame: Float32Array,
  out: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const { low, high } = spatialBounds(frame)
  const middle = low.map((l, axis) => (l + high[axis]!) / 2)
  const scale = 2 / Math.max(...low.map((l, axis) => high[axis]! - l))
  for (let i = 0; i < out.length; i++) out[i] = (vertices[i]! - middle[i % 3]!) * scale * (i % 3 === 1 ? -1 : 1)
  return out
}
