import type { Face } from '../face-aligner.ts'
import type { ImageView } from '../image.ts'

/** One picture of a moving scene. */
export interface InputFrame {
  /** Borrowed until the tracked frame has been handed out and the next one asked for. */
  readonly image: ImageView
  /** Seconds on any clock; grows from frame to frame, at any pace. */
  readonly timestamp: number
}

/** A face that is followed from frame to frame. */
export interface TrackedFace extends Face {
  /** Names the track: a positive integer that no other track of the same tracker has or had. */
  readonly id: number
  /** How likely the parameters describe a face at all, in [0, 1]; see `faceConfidence`. */
  readonly confidence: number
}

/** What is known of one frame. */
export interface TrackedFrame {
  /** Position in the source, from 0. */
  readonly index: number
  /** Seconds, as given with the picture. */
  readonly timestamp: number
  /** The picture, as given. */
  readonly image: ImageView
  /** The visible faces by rising id. */
  readonly faces: readonly TrackedFace[]
  /** Ids whose tracks ended with this frame; they never come back. A face that is hidden for a moment is not among them. */
  readonly lost: readonly number[]
  /** Whether a scene cut lies before this frame; no id survives it. */
  readonly cut: boolean
}
