import type { FaceBox } from '../detection.ts'
import { expect } from '../errors.ts'
import type { FaceAligner } from '../face-aligner.ts'
import { checkImage, type ImageView } from '../image.ts'
import { FaceTracker } from './face-tracker.ts'
import { LookAheadSmoother } from './look-ahead.ts'
import { OneEuroSmoother } from './one-euro-smoother.ts'
import { settleTrackerOptions, type TrackerOptions } from './options.ts'
import { RegionObserver, type Sighting } from './region-observer.ts'
import { SceneCutDetector } from './scene-cut.ts'
import { type FaceDecoder, PassThrough, type Smoother } from './smoother.ts'
import type { TrackedFace, TrackedFrame } from './tracked-frame.ts'
import { VertexPool } from './vertex-pool.ts'

/**
 * Follows the faces of a live picture: `next` takes one picture and gives its faces. `FaceAligner.track` does the same for a
 * whole source. Frames go in one at a time and in order.
 *
 * ```ts
 * const tracker = aligner.tracker()
 * const { faces } = (await tracker.next(image, performance.now() / 1000))!
 * ```
 */
export class VideoTracker {
  /** Frames by which `next` is late: 0, or `nNext` with `look-ahead`. */
  readonly latency: number
  readonly #aligner: FaceAligner
  readonly #options: ReturnType<typeof settleTrackerOptions>
  readonly #tracker: FaceTracker
  readonly #observer: RegionObserver
  readonly #cuts = new SceneCutDetector()
  readonly #smoother: Smoother
  readonly #pool: VertexPool
  #index = 0
  #busy = false
  /** Of a frame that failed: the next one tells it. */
  #untoldCut = false
  #handedOut: TrackedFrame | undefined

  /** See `FaceAligner.tracker`. @throws {InvalidInputError} for an option out of its range. */
  constructor(aligner: FaceAligner, options: TrackerOptions = {}) {
    this.#aligner = aligner
    this.#options = settleTrackerOptions(options)
    this.#tracker = new FaceTracker(this.#options)
    this.#observer = new RegionObserver(aligner, this.#options.poseConvention)
    this.#pool = new VertexPool(3 * aligner.model.vertexCount)
    this.#smoother = this.#createSmoother()
    this.latency = this.#smoother.latency
  }

  /**
   * Takes the next picture, `timestamp` in seconds, and gives the frame that is ready: this one, or with `look-ahead` the one
   * `latency` frames before, hence undefined for the first `latency` pictures and never otherwise.
   * @throws {InvalidInputError} when time does not grow, the picture's data does not fit, or the last call is not done yet.
   */
  async next(image: ImageView, timestamp: number): Promise<TrackedFrame | undefined> {
    const observed = await this.observe(image, timestamp)
    const last = this.#handedOut
    // Once only, whatever fails from here on: an array that is given back twice goes to two faces.
    this.#handedOut = undefined
    if (last) this.release(last)
    this.#handedOut = this.complete(observed)
    return this.#handedOut
  }

  /** The frames that `look-ahead` still holds, when no more pictures follow. */
  finish(): TrackedFrame[] {
    return this.#smoother.finish()
  }

  /** First half of `next`: detector and network. */
  async observe(image: ImageView, timestamp: number): Promise<TrackedFrame> {
    checkImage(image)
    expect(!this.#busy, 'the call', 'the last frame to be awaited', 'another one')
    this.#busy = true
    try {
      return await this.#observe(image, timestamp)
    } finally {
      this.#busy = false
    }
  }

  /** Second half of `next`: smoothing and dense vertices. Synchronous, so that it can run while the network sees the next frame. */
  complete(frame: TrackedFrame): TrackedFrame | undefined {
    return this.#smoother.next(frame)
  }

  /** Takes the dense vertices of a frame back, with the option `reuse`. */
  release(frame: TrackedFrame): void {
    if (!this.#options.reuse) return
    for (const { vertices } of frame.faces) if (vertices) this.#pool.give(vertices)
  }

  async #observe(image: ImageView, timestamp: number): Promise<TrackedFrame> {
    // First: a frame that is refused leaves no trace.
    this.#tracker.checkTime(timestamp)
    const cut = this.#cuts.next(image) || this.#untoldCut
    this.#untoldCut = cut
    const { regions, detect } = this.#tracker.begin(timestamp, cut)
    const boxes = detect ? await this.#detect(image) : undefined
    const seen = await this.#observer.look(image, boxes ? this.#tracker.propose(boxes) : regions)
    const sightings = await this.#findLost(image, seen, boxes)
    const { ids, lost } = this.#tracker.end(sightings)
    this.#untoldCut = false
    const faces = sightings
      .flatMap(({ face, confidence }, i): TrackedFace[] => (ids[i] ? [{ ...face!, id: ids[i], confidence }] : []))
      .sort((a, b) => a.id - b.id)
    return { index: this.#index++, timestamp, image, faces, lost, cut }
  }

  /** A face that has just been lost, or seems to be back, is looked for in the same frame where the detector sees it. */
  async #findLost(image: ImageView, seen: Sighting[], boxes?: readonly FaceBox[]): Promise<Sighting[]> {
    const isFound = ({ id, confidence }: Sighting): boolean =>
      id === undefined || confidence >= this.#options.minConfidence
    const failed = seen.flatMap((sighting) => (isFound(sighting) ? [] : [sighting.id!]))
    const back = boxes ? [] : seen.flatMap((sighting) => (this.#tracker.isNewReturn(sighting) ? [sighting.id!] : []))
    if (!this.#tracker.isNewLoss(failed) && back.length === 0) return seen
    const regions = this.#tracker.propose(boxes ?? (await this.#detect(image)), failed)
    // What is new in `boxes`, and where a track was expected, was looked at already.
    const again = [...failed, ...back]
    const rest = regions.filter(({ id, isRough }) => (id === undefined ? !boxes : isRough && again.includes(id)))
    const kept = seen.filter((sighting) => isFound(sighting) && !rest.some(({ id }) => id === sighting.id))
    return [...kept, ...(await this.#observer.look(image, rest))]
  }

  async #detect(image: ImageView): Promise<FaceBox[]> {
    expect(this.#aligner.detector !== undefined, 'the aligner', 'a detector, which tracking needs,', undefined)
    return this.#aligner.detect(image, { anyRoll: this.#options.anyRoll })
  }

  #createSmoother(): Smoother {
    const { model, regressor } = this.#aligner
    const { smoothing, dense, reuse, poseConvention } = this.#options
    const decoder: FaceDecoder = {
      decode: (params, roi) => this.#aligner.faceFromParams(params, roi, poseConvention),
      ...(dense && {
        dense: {
          decode: (face, out) => this.#aligner.vertices(face, out),
          take: () => (reuse ? this.#pool.take() : new Float32Array(3 * model.vertexCount)),
        },
      }),
    }
    if (smoothing === 'none') return new PassThrough(decoder)
    if (smoothing === 'one-euro') return new OneEuroSmoother(decoder, model, regressor.inputSize)
    return new LookAheadSmoother(decoder, model, regressor.inputSize, this.#options)
  }
}
