import type { Backend } from './backend.ts'
import type { FaceBox, FaceDetector } from './detection.ts'
import { DisposedError, expect, expectFunction, expectObject, expectOneOf } from './errors.ts'
import { checkImage, type ImageView } from './image.ts'
import { type MeshEstimate, type MeshRegressor, needParams, ParamMeshRegressor } from './mesh-regressor.ts'
import { checkModel, type MorphableModel, splitParams } from './model.ts'
import { type HeadPose, POSE_CONVENTIONS, type PoseConvention, poseFromParams } from './pose.ts'
import type { ParamRegressor } from './regressor.ts'
import { checkRoi, holdsPixels, type Roi, roiFromBox } from './roi.ts'
import { detectAnyRoll } from './roll/any-roll.ts'
import { withUpright } from './roll/quarter-turns.ts'
import { faceConfidence, isHeadCamera } from './tracking/confidence.ts'
import type { TrackerOptions } from './tracking/options.ts'
import type { FrameSource } from './tracking/source.ts'
import { type TrackOptions, track } from './tracking/track.ts'
import type { InputFrame, TrackedFrame } from './tracking/tracked-frame.ts'
import { VideoTracker } from './tracking/video-tracker.ts'

/**
 * The parts that an aligner is made of. It takes them over: `FaceAligner.dispose` disposes them. Parts that several aligners
 * share are disposed by hand instead, after their last call. A regressor of parameters comes with the model that they are of; one of
 * meshes (`PositionMapRegressor`) has its own.
 */
export type FaceAlignerParts = {
  /** Needed by `align` unless every call gives boxes or ROIs. */
  readonly detector?: FaceDetector | undefined
  readonly backend: Backend
} & (
  | { readonly regressor: ParamRegressor; readonly model: MorphableModel }
  | { readonly regressor: MeshRegressor; readonly model?: never }
)

/** `sparse`: landmarks and pose; `refine`: the second look, its crops and network among it; `dense`: the vertices. */
export type Stage = 'detect' | 'crop' | 'regress' | 'sparse' | 'refine' | 'dense'

export interface DetectOptions {
  /**
   * Also find faces that lean, lie on their side or are upside down: the detector looks at the picture in eight turns, the network at what it
   * finds, and what is less sure than 0.6 (`faceConfidence`) is no face. False unless given, when heads that lean by more than some 40 degrees
   * are missed or found as something else.
   */
  readonly anyRoll?: boolean | undefined
}

export interface AlignOptions extends DetectOptions {
  /** Faces that are known already; no detector runs. */
  readonly boxes?: readonly FaceBox[] | undefined
  /**
   * Regions that are known already (for example from the last frame's landmarks); no detector runs. With `boxes` as well, one for each,
   * these are looked at and the boxes are told. Squares, for networks of parameters.
   */
  readonly rois?: readonly Roi[] | undefined
  /** Also decode the dense vertices. False unless given; `FaceAligner.vertices` does it later, a face at a time. */
  readonly dense?: boolean | undefined
  /**
   * Look again where the first look's landmarks are, upright where the head leans: a detector's box says less well where a face is.
   * True unless given, false where ROIs are. One more run of the network a face; NME 4.65 becomes 4.22 (benchmarks/README.md).
   */
  readonly refine?: boolean | undefined
  /** Also look at the mirror image (in the last look) and take the mean. False unless given. One more crop a face; NME 4.22 becomes 4.08. */
  readonly flip?: boolean | undefined
  /** See `PoseConvention`. */
  readonly poseConvention?: PoseConvention | undefined
  /** Hears how long each stage took, in milliseconds, all faces together. */
  readonly onStage?: ((stage: Stage, milliseconds: number) => void) | undefined
}

/**
 * One aligned face. All coordinates are pixels of the picture; y down, larger z nearer. `vertices` are there when asked for, and
 * always from a network that gives them instead of coefficients.
 */
export interface Face extends MeshEstimate {
  /** Place of its box or ROI in the list that the call gave, or among the detector's; absent in faces that were not found by `align`. */
  readonly index?: number
  /** The detector's box; absent when the call gave ROIs. */
  readonly box?: FaceBox
  readonly roi: Roi
  readonly pose: HeadPose
}

/** A face that was aligned with `dense: true`. */
export type FaceWithVertices = Face & Required<Pick<Face, 'vertices'>>

/**
 * Photograph in, faces out: detect, crop, regress, decode.
 *
 * ```ts
 * const aligner = await FaceAligner.create({ detector, regressor, model, backend })
 * const faces = await aligner.align(image, { dense: true })
 * ```
 */
export class FaceAligner {
  readonly detector: FaceDetector | undefined
  /** What looks at regions: the given regressor of meshes, or that of parameters with its model. */
  readonly meshRegressor: MeshRegressor
  readonly model: MorphableModel
  readonly backend: Backend
  readonly #running = new Set<Promise<unknown>>()
  #disposal: Promise<unknown> | undefined

  private constructor(parts: FaceAlignerParts) {
    this.detector = parts.detector
    this.backend = parts.backend
    this.meshRegressor = parts.model
      ? new ParamMeshRegressor(parts.regressor, parts.model, parts.backend)
      : parts.regressor
    this.model = this.meshRegressor.model
  }

  /**
   * @throws {InvalidInputError} when a part is missing or something else, a regressor of parameters comes without a model or with another one's, or
   * the model's arrays do not fit together.
   */
  static async create(parts: FaceAlignerParts): Promise<FaceAligner> {
    expect(typeof parts?.backend?.resample === 'function', 'parts.backend', 'a backend', parts?.backend)
    const { detector } = parts
    expect(!detector || typeof detector.detect === 'function', 'parts.detector', 'a detector, or nothing,', detector)
    expect(Boolean(parts.regressor), 'parts.regressor', 'a regressor', parts.regressor)
    const model = parts.model ?? (parts.regressor as MeshRegressor).model
    expect(model !== undefined, 'model', 'the face model whose parameters the regressor gives', undefined)
    checkModel(model)
    if (parts.model) checkParamCount(parts.regressor, parts.model)
    else expectMethod(parts.regressor, 'estimate', 'a regressor of meshes (one of parameters comes with its model)')
    return new FaceAligner(parts)
  }

  /** The regressor of parameters. @throws {InvalidInputError} when this aligner has one of meshes. */
  get regressor(): ParamRegressor {
    return needParams(this.meshRegressor, '`aligner.regressor`').regressor
  }

  /**
   * Aligns every face of `image`, in the detector's order (falling score) or the given one; no face gives an empty list. Where the
   * network's camera mirrors or is flat, as no head's does, there is none: of such a box or ROI no face is given, and `Face.index` tells
   * which the others belong to. Most of what is no face passes that test; `faceConfidence` finds it.
   * @throws {InvalidInputError} when the picture's sizes and data disagree, a box or ROI is empty or not finite, a network of parameters is given a ROI that is no square, boxes and ROIs are given
   * that are not equally many, there are neither and no detector, there is no such pose convention, or the regressor cannot `flip`.
   * @throws {DisposedError} after `dispose`.
   * @throws what the detector and the regressor throw, and `onStage`.
   */
  align(image: ImageView, options: AlignOptions & { readonly dense: true }): Promise<FaceWithVertices[]>
  align(image: ImageView, options?: AlignOptions): Promise<Face[]>
  align(image: ImageView, options: AlignOptions = {}): Promise<Face[]> {
    return this.#run(() => this.#align(image, options))
  }

  async #align(image: ImageView, options: AlignOptions): Promise<Face[]> {
    checkImage(image)
    expectOptions(options)
    checkRegions(options)
    if (options.poseConvention !== undefined) expectOneOf(POSE_CONVENTIONS, options.poseConvention, 'poseConvention')
    expectFunction(options.onStage, 'onStage')
    const time = stopwatch(options.onStage)
    const boxes = options.boxes ?? (options.rois ? undefined : await this.#detect(image, options))
    const rois = options.rois ?? boxes!.map(roiFromBox)
    if (boxes !== options.boxes) time('detect')
    const refine = options.refine ?? (options.rois === undefined && this.meshRegressor.refines)
    const flip = options.flip ?? false
    const estimates = await this.meshRegressor.estimate(image, rois, { flip: flip && !refine, onStage: time })
    const rough = rois.flatMap((roi, i): Face[] => {
      const estimate = estimates[i]!
      if (!isHeadCamera(estimate.params)) return []
      return [this.#face(estimate, roi, { index: i, box: boxes?.[i] }, options.poseConvention)]
    })
    time('sparse')
    const faces = refine ? await this.#refine(image, rough, flip) : rough
    if (refine) time('refine')
    if (!options.dense) return faces
    const dense = faces.map((face) => (face.vertices ? face : { ...face, vertices: this.#vertices(face) }))
    time('dense')
    return dense
  }

  /**
   * The detector's boxes, in its order (falling score).
   * @throws {InvalidInputError} when this aligner has no detector.
   */
  detect(image: ImageView, options: DetectOptions = {}): Promise<FaceBox[]> {
    return this.#run(async () => {
      checkImage(image)
      expectOptions(options)
      return this.#detect(image, options)
    })
  }

  /**
   * Dense vertices [3n] of a face of this aligner, into `out` when given.
   * @throws {InvalidInputError} when the face is another model's, or `out` has another length.
   */
  vertices(face: Pick<Face, 'params' | 'roi' | 'vertices'>, out?: Float32Array): Float32Array {
    this.#check()
    expectObject(face, 'face', 'a face')
    checkRoi(face.roi, 'face.roi')
    return this.#vertices(face, out)
  }

  /**
   * A parameter regressor's output for each region of `image`; with `flip` as `AlignOptions.flip` says.
   * @throws {InvalidInputError} when the regressor is one of meshes.
   */
  regress(image: ImageView, rois: readonly Roi[], flip = false): Promise<Float32Array[]> {
    return this.#run(async () => needParams(this.meshRegressor, '`regress`').regress(image, rois, { flip }))
  }

  /**
   * Landmarks and pose of a parameter regressor's output that is known already; `roi` is the region that it is relative to.
   * @throws {InvalidInputError} when the regressor is one of meshes, the parameters are not of the model, their camera is no head's, or the region is empty or not finite.
   */
  faceFromParams(params: Float32Array, roi: Roi, poseConvention?: PoseConvention): Face {
    this.#check()
    const regressor = needParams(this.meshRegressor, '`faceFromParams`')
    checkRoi(roi, 'roi')
    const landmarks = regressor.landmarks(params, roi)
    return this.#face({ params, landmarks }, roi, {}, poseConvention)
  }

  /**
   * Follows faces through a video: one `TrackedFrame` a picture, in order. `source` is an async iterable, an iterable or a Web
   * `ReadableStream` of pictures with times in growing seconds (of anything else with `toFrame`). It is read only as fast as
   * frames are taken, and closed when the loop ends, whatever the reason.
   *
   * ```ts
   * for await (const { timestamp, faces } of aligner.track(source, { smoothing: 'look-ahead' })) draw(faces)
   * ```
   * @throws {InvalidInputError} for an option out of its range, and when the regressor is one of meshes, since what is smoothed
   * are parameters; from the iteration, when time does not grow.
   */
  track(source: FrameSource<InputFrame>, options?: TrackOptions): AsyncGenerator<TrackedFrame, void>
  track<T>(
    source: FrameSource<T>,
    options: TrackOptions<T> & Required<Pick<TrackOptions<T>, 'toFrame'>>,
  ): AsyncGenerator<TrackedFrame, void>
  track<T>(source: FrameSource<T>, options?: TrackOptions<T>): AsyncGenerator<TrackedFrame, void> {
    this.#check()
    needParams(this.meshRegressor, 'tracking')
    expectOptions(options)
    return track(this, source, options)
  }

  /** Follows faces through pictures that are given one by one, as from a webcam. A tracker needs no disposal. */
  tracker(options?: TrackerOptions): VideoTracker {
    this.#check()
    needParams(this.meshRegressor, 'tracking')
    expectOptions(options)
    return new VideoTracker(this, options)
  }

  /** Frees the parts, once the calls that run are done; later ones are refused. Idempotent: later calls wait for the first. */
  async dispose(): Promise<void> {
    this.#disposal ??= this.#free()
    await this.#disposal
  }

  async #free(): Promise<void> {
    await Promise.allSettled(this.#running)
    // Each, whatever becomes of the others; the backend last, as a detector may still be resampling with it.
    const networks = [this.detector, this.meshRegressor].map(async (part) => part?.dispose())
    await Promise.allSettled(networks)
    this.backend.dispose()
    await Promise.all(networks)
  }

  /** A call that `dispose` waits for. */
  async #run<T>(call: () => Promise<T>): Promise<T> {
    this.#check()
    const running = call()
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  #vertices(face: Pick<Face, 'params' | 'roi' | 'vertices'>, out?: Float32Array): Float32Array {
    return this.meshRegressor.vertices(face, face.roi, out)
  }

  /** Each face once more, from the region of its landmarks. A face that the second look does not see stays as it is. */
  async #refine(image: ImageView, faces: readonly Face[], flip: boolean): Promise<Face[]> {
    const rois = faces.map(({ landmarks, roi, pose }) => {
      const found = this.meshRegressor.roiFromLandmarks(landmarks)
      return holdsPixels(found) ? withUpright(found, pose, roi.quarterTurns) : roi
    })
    const estimates = await this.meshRegressor.estimate(image, rois, { flip })
    return faces.map((face, i) =>
      isHeadCamera(estimates[i]!.params) ? this.#face(estimates[i]!, rois[i]!, face, face.pose.convention) : face,
    )
  }

  #face(estimate: MeshEstimate, roi: Roi, { index, box }: Origin, convention: PoseConvention | undefined): Face {
    const pose = poseFromParams(splitParams(this.model, estimate.params), convention)
    return { ...(index !== undefined && { index }), ...(box && { box }), roi, ...estimate, pose }
  }

  #detect(image: ImageView, { anyRoll = false }: DetectOptions): Promise<FaceBox[]> {
    if (!anyRoll) return this.#detectUpright(image)
    return detectAnyRoll(
      image,
      this.backend,
      (turned) => this.#detectUpright(turned),
      (boxes) => this.#confidences(image, boxes),
    )
  }

  /** Of the faces in boxes. Networks of positions give nothing that tells. */
  async #confidences(image: ImageView, boxes: readonly FaceBox[]): Promise<number[]> {
    if (!this.meshRegressor.refines) return boxes.map(() => 1)
    const faces = await this.#align(image, { boxes, refine: false })
    const sure = new Map(faces.map((face) => [face.index, faceConfidence(face)]))
    return boxes.map((_, i) => sure.get(i) ?? 0)
  }

  async #detectUpright(image: ImageView): Promise<FaceBox[]> {
    const { detector } = this
    expect(detector !== undefined, 'parts.detector', 'a detector, or boxes or rois in each call,', undefined)
    const boxes = await detector.detect(image)
    expect(Array.isArray(boxes), `the detector ${detector.id}`, 'a list of boxes', boxes)
    boxes.forEach((box, i) => {
      checkRoi(box, `box ${i} of the detector ${detector.id}`)
    })
    return boxes
  }

  #check(): void {
    if (this.#disposal) throw new DisposedError('This FaceAligner was disposed; create another one.')
  }
}

/** Where a face was looked for. */
interface Origin {
  readonly index?: number | undefined
  readonly box?: FaceBox | undefined
}

function expectOptions(options: object | undefined): void {
  if (options !== undefined) expectObject(options, 'options', 'an object, or nothing,')
}

function checkRegions({ boxes, rois }: AlignOptions): void {
  expect(!boxes || Array.isArray(boxes), 'boxes', 'a list of boxes', boxes)
  expect(!rois || Array.isArray(rois), 'rois', 'a list of regions', rois)
  const paired = !boxes || !rois || boxes.length === rois.length
  expect(paired, 'rois', `${boxes?.length} regions, one for each box,`, rois)
  rois?.forEach((roi, i) => {
    checkRoi(roi, `rois[${i}]`)
  })
}

function expectMethod<T extends object>(part: T, name: keyof T, what: string): void {
  expect(typeof part[name] === 'function', 'parts.regressor', what, part)
}

function checkParamCount(regressor: ParamRegressor, { id: model, ...counts }: MorphableModel): void {
  expectMethod(regressor, 'regress', 'a regressor of parameters (one of meshes comes without a model)')
  const { id, paramCount } = regressor
  const wanted = 12 + counts.shapeCount + counts.expressionCount
  const fits = paramCount === undefined || paramCount === wanted
  expect(fits, `the regressor ${id}`, `${wanted} parameters a face, those of the face model ${model},`, paramCount)
}

function stopwatch(onStage: AlignOptions['onStage']): (stage: Stage) => void {
  if (!onStage) return () => {}
  let last = performance.now()
  return (stage) => {
    const now = performance.now()
    onStage(stage, now - last)
    last = now
  }
}
