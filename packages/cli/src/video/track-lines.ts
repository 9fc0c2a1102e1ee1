import {
  type FaceAligner,
  type JsonFace,
  type MorphableModel,
  type Provenance,
  provenanceOf,
  type Smoothing,
  type TrackedFrame,
  toJsonFace,
} from '@3ddfa/core'
import type { VideoInfo } from './probe.ts'

/** First line of a track: what it is of and how it was made. */
export interface TrackHeader extends Provenance {
  readonly schema: '3ddfa.track'
  readonly version: 1
  readonly file: string
  /** Pixels of the upright picture, in which all coordinates are. */
  readonly width: number
  readonly height: number
  /** Frames a second on average, as the file says. */
  readonly frameRate: number
  readonly smoothing: Smoothing
}

/** Each further line: a frame. */
export interface TrackLine {
  /** From 0. */
  readonly frame: number
  /** Seconds from the video's start. */
  readonly time: number
  /** A scene cut lies before this frame; no id survives it. */
  readonly cut?: true
  /** Ids that ended with this frame. */
  readonly lost?: readonly number[]
  /** The visible faces by rising id. */
  readonly faces: readonly (JsonFace & { readonly id: number; readonly confidence: number })[]
}

export function trackHeader(file: string, info: VideoInfo, aligner: FaceAligner, smoothing: Smoothing): TrackHeader {
  const { width, height, frameRate } = info
  const rate = Math.round(frameRate * 1e6) / 1e6
  return {
    ...{ schema: '3ddfa.track', version: 1, file, width, height, frameRate: rate },
    ...{ smoothing, ...provenanceOf(aligner) },
  }
}

/** @param start seconds of the video that were passed over. */
export function trackLine(
  { index, timestamp, faces, lost, cut }: TrackedFrame,
  start: number,
  model?: MorphableModel,
): TrackLine {
  return {
    frame: index,
    time: Math.round((start + timestamp) * 1e6) / 1e6,
    ...(cut && { cut }),
    ...(lost.length > 0 && { lost }),
    faces: faces.map((face) => ({
      id: face.id,
      confidence: Math.round(face.confidence * 1e4) / 1e4,
      ...toJsonFace(face, model),
    })),
  }
}
