import type { FaceBox } from '../detection.ts'
import { expect } from '../errors.ts'
import { type Roi, roiFromBox } from '../roi.ts'
import { DetectionSchedule } from './detection-schedule.ts'
import { MotionModel } from './motion.ts'
import { distinctFaces, type Observation } from './observation.ts'
import { settleTrackerOptions } from './options.ts'
import { pairByOverlap } from './overlap.ts'

/** A region to look at in the current frame. */
export interface TrackRegion {
  /** The track that is expected there; absent for a face that the detector has just found. */
  readonly id?: number
  readonly roi: Roi
  /** Cut after a detector's box instead of landmarks: worth a second look at the region that the first one gives. */
  readonly isRough: boolean
}

/** What became of the observations of a frame. */
export interface TrackUpdate {
  /** One entry an observation: its track's id, or undefined where it is no face, a duplicate, or one too many. */
  readonly ids: readonly (number | undefined)[]
  /** Ids that ended, rising. */
  readonly lost: readonly number[]
}

/** See `TrackerOptions`. */
export interface FaceTrackerOptions {
  readonly detectEvery: number
  readonly grace: number
  readonly minConfidence: number
  readonly maxFaces: number
}

/** A detection belongs to a track from this overlap of their regions on. */
const SAME_FACE = 0.3

/** After so many in a row a hidden face is back without the detector. */
const LOOKS = 3

interface Track {
  readonly id: number
  readonly motion: MotionModel
  /** Seconds. */
  seen: number
  /** In the last frame. */
  visible: boolean
  /** In a row that found it while it was hidden. */
  looks: number
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
  readonly #schedule: DetectionSchedule
  #tracks: Track[] = []
  #nextId = 1
  #time = -Infinity
  #ended: number[] = []

  /** @throws {InvalidInputError} for an option out of its range. */
  constructor(options: Partial<FaceTrackerOptions> = {}) {
    this.#options = settleTrackerOptions(options)
    this.#schedule = new DetectionSchedule(this.#options.detectEvery)
  }

  /** @throws {InvalidInputError} when time does not grow. */
  checkTime(timestamp: number): void {
    const wanted = this.#time === -Infinity ? 'a number of seconds' : `seconds after the last frame's ${this.#time}`
    expect(Number.isFinite(timestamp) && timestamp > this.#time, 'timestamp', wanted, timestamp)
  }

  /**
   * Starts the frame at `timestamp` seconds. After a scene cut (`cut`) every track ends.
   * @throws {InvalidInputError} when time does not grow.
   */
  begin(timestamp: number, cut = false): { regions: TrackRegion[]; detect: boolean } {
    this.checkTime(timestamp)
    this.#time = timestamp
    if (cut) this.#endTracks(() => true)
    return { regions: this.#regions(), detect: this.#schedule.isDue(timestamp, this.#tracks.length, this.#hidden()) }
  }

  /**
   * Takes the detector's boxes of this frame. `failed` are ids that were looked at in this frame and not found: a box near
   * them says where to look again.
   * @returns the regions to look at, instead of those of `begin`.
   */
  propose(boxes: readonly FaceBox[], failed: readonly number[] = []): TrackRegion[] {
    expect(Array.isArray(boxes), 'boxes', 'a list of boxes', boxes)
    this.#schedule.looked()
    const found = boxes.map(roiFromBox)
    const rois = this.#tracks.map((track) => track.motion.predict(this.#time))
    const partner = pairByOverlap(rois, found, SAME_FACE)
    const known = this.#tracks.map(({ id, visible }, i): TrackRegion => {
      const box = visible && !failed.includes(id) ? undefined : found[partner[i]!]
      return { id, roi: box ?? rois[i]!, isRough: box !== undefined }
    })
    const fresh = found.filter((_, j) => !partner.includes(j)).map((roi) => ({ roi, isRough: true }))
    return [...known, ...fresh.slice(0, Math.max(0, this.#options.maxFaces - known.length))]
  }

  /** Whether one of `ids` was visible in the last frame, so that a look of the detector is worth its time at once. */
  isNewLoss(ids: readonly number[]): boolean {
    return ids.some((id) => this.#isFollowed(id))
  }

  /** Whether a face that was hidden seems to be back, so that a look of the detector is worth its time at once. */
  isNewReturn({ id, found, confidence, isRough }: Observation): boolean {
    const track = this.#tracks.find((t) => t.id === id)
    return track?.visible === false && track.looks === 0 && !isRough && found !== undefined && this.#isSure(confidence)
  }

  /**
   * Ends the frame with what was seen in its regions. A face is seen once: a second track on it is hidden then, and finds its
   * own face again, as after one has passed behind another, or ends when its grace is over, as when two have met on one.
   */
  end(observations: readonly Observation[]): TrackUpdate {
    expect(Array.isArray(observations), 'observations', 'a list of observations', observations)
    const isFace = observations.map((o) => o.found !== undefined && this.#isBelieved(o))
    const isSeen = distinctFaces(observations, isFace, (id) => this.#isFollowed(id))
    for (const track of this.#tracks) track.visible = false
    const ids = observations.map((o, i) => (isSeen[i] ? this.#see(o.id, o.found!) : undefined))
    this.#endTracks((track) => !track.visible && this.#time - track.seen > this.#options.grace)
    this.#schedule.endFrame(this.#hidden(), this.#ended.length)
    // Kept until now: ids that ended in a frame that failed are told with the next one.
    const lost = this.#ended.sort((a, b) => a - b)
    this.#ended = []
    return { ids, lost }
  }

  /**
   * What is new or was hidden has to be surer than what is followed, and what was hidden be seen by the detector or several times in
   * a row: what hides it, and background, pass for a face now and then.
   */
  #isBelieved({ id, confidence, isRough }: Observation): boolean {
    const track = this.#tracks.find((t) => t.id === id)
    if (track?.visible) return confidence >= this.#options.minConfidence
    const isSure = this.#isSure(confidence)
    if (!track) return isSure
    track.looks = isSure ? track.looks + 1 : 0
    return isSure && (isRough === true || track.looks >= LOOKS)
  }

  #isSure(confidence: number): boolean {
    return confidence >= (1 + this.#options.minConfidence) / 2
  }

  #isFollowed(id: number | undefined): boolean {
    return this.#tracks.some((track) => track.id === id && track.visible)
  }

  #hidden(): number {
    return this.#tracks.filter((track) => !track.visible).length
  }

  #regions(): TrackRegion[] {
    return this.#tracks.map(({ id, motion }) => ({ id, roi: motion.predict(this.#time), isRough: false }))
  }

  #see(id: number | undefined, roi: Roi): number | undefined {
    const track = this.#tracks.find((t) => t.id === id)
    if (track) {
      track.motion.update(roi, this.#time)
      track.seen = this.#time
      track.visible = true
      track.looks = 0
      return track.id
    }
    if (this.#tracks.length >= this.#options.maxFaces) return undefined
    this.#tracks.push({
      id: this.#nextId,
      motion: new MotionModel(roi, this.#time),
      seen: this.#time,
      visible: true,
      looks: 0,
    })
    return this.#nextId++
  }

  #endTracks(condition: (track: Track) => boolean): void {
    this.#ended.push(...this.#tracks.filter(condition).map((track) => track.id))
    this.#tracks = this.#tracks.filter((track) => !condition(track))
  }
}
