import type { FaceBox } from '../detection.ts'
import { expect } from '../errors.ts'
import { type Roi, roiFromBox } from '../roi.ts'
import { MotionModel } from './motion.ts'
import { overlap, pairByOverlap } from './overlap.ts'

/** A region to look at in the current frame. */
export interface TrackRegion {
  /** The track that is expected there; absent for a face that the detector has just found. */
  readonly id?: number
  readonly roi: Roi
  /** Cut after a detector's box instead of landmarks: worth a second look at the region that the first one gives. */
  readonly isRough: boolean
}

/** What was seen in a region. */
export interface Observation {
  readonly id?: number
  /** The region of the face as its landmarks have it; absent where there is none. */
  readonly roi?: Roi
  readonly confidence: number
}

/** What became of the observations of a frame. */
export interface TrackUpdate {
  /** One entry an observation: its track's id, or undefined where it is no face, a duplicate, or one too many. */
  readonly ids: readonly (number | undefined)[]
  /** Ids that ended. */
  readonly lost: readonly number[]
}

export interface FaceTrackerOptions {
  readonly detectEvery: number
  readonly grace: number
  readonly minConfidence: number
  readonly maxFaces: number
}

/** A detection belongs to a track from this overlap of their regions on. */
const SAME_FACE = 0.3
/** Two tracks whose landmarks' regions overlap this much are on one face. */
const DUPLICATE = 0.6

interface Track {
  readonly id: number
  readonly motion: MotionModel
  /** Seconds. */
  seen: number
  /** In the last frame. */
  visible: boolean
}

/**
 * The bookkeeping of tracks: which regions to look at, when to detect, which face is whose. It runs no engine and reads no
 * picture. A frame is `begin`, then `propose` when a detector ran, then `end`:
 *
 * ```ts
 * const { regions, detect } = tracker.begin(timestamp)
 * const all = detect ? tracker.propose(await detector.detect(image)) : regions
 * const { ids, lost } = tracker.end(all.map(look))
 * ```
 */
export class FaceTracker {
  readonly #options: FaceTrackerOptions
  #tracks: Track[] = []
  #nextId = 1
  #time = -Infinity
  /** Frames since the detector ran. */
  #sinceDetection = Infinity
  /** Frames to wait before the next look for something that is lost; doubles with each look in vain. */
  #backOff = 1
  #ended: number[] = []

  constructor(options: FaceTrackerOptions) {
    this.#options = options
  }

  /** Ids of the living tracks, hidden ones included, rising. */
  get ids(): readonly number[] {
    return this.#tracks.map((track) => track.id)
  }

  /**
   * Starts the frame at `timestamp` seconds. After a scene cut (`cut`) every track ends.
   * @throws {InvalidInputError} when time does not grow.
   */
  begin(timestamp: number, cut = false): { regions: TrackRegion[]; detect: boolean } {
    expect(
      Number.isFinite(timestamp) && timestamp > this.#time,
      'timestamp',
      this.#time === -Infinity ? 'a number of seconds' : `seconds after the last frame's ${this.#time}`,
      timestamp,
    )
    this.#time = timestamp
    this.#ended = []
    if (cut) this.#endTracks(() => true)
    this.#sinceDetection++
    return { regions: this.#regions(), detect: this.#detectionDue() }
  }

  /**
   * Takes the detector's boxes of this frame. `failed` are ids that were looked at in this frame and not found: a box near
   * them says where to look again.
   * @returns the regions to look at, instead of those of `begin`.
   */
  propose(boxes: readonly FaceBox[], failed: readonly number[] = []): TrackRegion[] {
    this.#sinceDetection = 0
    const found = boxes.map(roiFromBox)
    const regions = this.#regions()
    const partner = pairByOverlap(
      regions.map((region) => region.roi),
      found,
      SAME_FACE,
    )
    const known = regions.map((region, i) => this.#confirm(region, found[partner[i]!], failed))
    const fresh = found.filter((_, j) => !partner.includes(j)).map((roi) => ({ roi, isRough: true }))
    return [...known, ...fresh.slice(0, Math.max(0, this.#options.maxFaces - known.length))]
  }

  /** Whether one of `ids` was visible in the last frame, so that a look of the detector is worth its time at once. */
  isNewLoss(ids: readonly number[]): boolean {
    return this.#tracks.some((track) => track.visible && ids.includes(track.id))
  }

  /** Ends the frame with what was seen in its regions. */
  end(observations: readonly Observation[]): TrackUpdate {
    const isFace = observations.map((o) => o.roi !== undefined && o.confidence >= this.#threshold(o.id))
    this.#dropDuplicates(observations, isFace)
    for (const track of this.#tracks) track.visible = false
    const ids = observations.map((o, i) => (isFace[i] ? this.#see(o.id, o.roi!) : undefined))
    this.#endTracks((track) => !track.visible && this.#time - track.seen > this.#options.grace)
    this.#settleBackOff()
    return { ids, lost: [...this.#ended].sort((a, b) => a - b) }
  }

  /** What is new or was hidden has to be surer than what is followed: background passes for a face now and then. */
  #threshold(id: number | undefined): number {
    const { minConfidence } = this.#options
    const isFollowed = this.#tracks.some((track) => track.id === id && track.visible)
    return isFollowed ? minConfidence : (1 + minConfidence) / 2
  }

  #regions(): TrackRegion[] {
    return this.#tracks.map((track) => ({ id: track.id, roi: track.motion.predict(this.#time), isRough: false }))
  }

  #detectionDue(): boolean {
    if (this.#tracks.length === 0) return true
    const hidden = this.#tracks.some((track) => !track.visible)
    return (
      this.#sinceDetection >= (hidden ? Math.min(this.#backOff, this.#options.detectEvery) : this.#options.detectEvery)
    )
  }

  #confirm(region: TrackRegion, box: Roi | undefined, failed: readonly number[]): TrackRegion {
    const track = this.#tracks.find(({ id }) => id === region.id)!
    const astray = !track.visible || failed.includes(track.id)
    return box && astray ? { id: track.id, roi: box, isRough: true } : region
  }

  /** Of two observations of one face the older track's stays, or the more confident one of two new faces. */
  #dropDuplicates(observations: readonly Observation[], isFace: boolean[]): void {
    const age = (o: Observation): number => o.id ?? this.#nextId
    const order = observations
      .flatMap((observation, i) => (isFace[i] ? [{ observation, i }] : []))
      .sort((a, b) => age(a.observation) - age(b.observation) || b.observation.confidence - a.observation.confidence)
    const kept: Roi[] = []
    for (const { observation, i } of order) {
      isFace[i] = !kept.some((roi) => overlap(roi, observation.roi!) > DUPLICATE)
      if (isFace[i]) kept.push(observation.roi!)
      else this.#endTracks((track) => track.id === observation.id)
    }
  }

  #see(id: number | undefined, roi: Roi): number | undefined {
    const track = this.#tracks.find((t) => t.id === id)
    if (track) {
      track.motion.update(roi, this.#time)
      track.seen = this.#time
      track.visible = true
      return track.id
    }
    if (this.#tracks.length >= this.#options.maxFaces) return undefined
    this.#tracks.push({ id: this.#nextId, motion: new MotionModel(roi, this.#time), seen: this.#time, visible: true })
    return this.#nextId++
  }

  #settleBackOff(): void {
    const hidden = this.#tracks.some((track) => !track.visible)
    if (!hidden) this.#backOff = 1
    else if (this.#sinceDetection === 0) this.#backOff *= 2
  }

  #endTracks(condition: (track: Track) => boolean): void {
    this.#ended.push(...this.#tracks.filter(condition).map((track) => track.id))
    this.#tracks = this.#tracks.filter((track) => !condition(track))
  }
}
