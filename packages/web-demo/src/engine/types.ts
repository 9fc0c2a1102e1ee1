import { DRAWINGS, type MouthLining, type PoseDrawing, type Smoothing, type StyleName } from '@3ddfa/core'
import type { DetectorName } from '@3ddfa/detector'

export const OVERLAYS = [...DRAWINGS, 'texture', 'none'] as const
export type Overlay = (typeof OVERLAYS)[number]

/** What is drawn onto the picture, and how: all that changes without loading anything. */
export interface Look {
  readonly overlay: Overlay
  readonly style: StyleName
  readonly poseAs: PoseDrawing
  readonly smoothing: Smoothing
}

export const FORMATS = ['obj', 'ply', 'glb', 'json', 'png'] as const
export type Format = (typeof FORMATS)[number]

/** Regressor and face model: as published, or our own. */
export type ModelName = 'published' | 'open'

/** Side that larger pictures are scaled down to for the detector, pixels. */
export const DETECT_SIZES = ['auto', '320', '640', '1280', '1920'] as const
export type DetectSize = (typeof DETECT_SIZES)[number]

/** How faces stand in pictures. */
export const ROLLS = ['upright', 'any'] as const
export type Roll = (typeof ROLLS)[number]

export interface Settings {
  readonly model: ModelName
  readonly detector: DetectorName
  readonly detectSize: DetectSize
  readonly roll: Roll
  readonly provider: 'wasm' | 'webgpu'
  readonly backend: 'wasm' | 'reference'
}

/** What runs, after `open`. */
export interface EngineReport {
  readonly backend: string
  readonly provider: string
  /** Why it is not what was asked for; empty when it is. */
  readonly notes: readonly string[]
  readonly detector: string
  readonly regressor: string
  readonly faceModel: string
  /** The face model's expressions, in the order of its coefficients. */
  readonly expressions: readonly ExpressionMode[]
  /** What is found now on the picture that is shown; absent before the first. */
  readonly picture?: FrameReport
}

/** One expression of the face model, and between which coefficients faces look like faces. */
export interface ExpressionMode {
  readonly name: string
  readonly min: number
  readonly max: number
}

/** Coefficients that are to differ from the face's own, by their number. */
export type ExpressionChanges = Readonly<Record<number, number>>

export interface FaceReport {
  /** Stays with a face from frame to frame. */
  readonly id: number
  /** Degrees. */
  readonly yaw: number
  readonly pitch: number
  readonly roll: number
  /** Where its number goes: above its middle, as parts of the picture's width and height, [0, 1]. */
  readonly x: number
  readonly y: number
  /** Detector's score of a photograph's face, tracking confidence of a frame's; [0, 1]. */
  readonly confidence: number
  /** Coefficients, one an `ExpressionMode`. */
  readonly expression: readonly number[]
}

export interface FrameReport {
  readonly width: number
  readonly height: number
  /** Size of a photograph that was made smaller, to the one above. */
  readonly original?: { readonly width: number; readonly height: number } | undefined
  readonly faces: readonly FaceReport[]
  /** Id of the face that is shown in 3D; absent without faces. */
  readonly subject?: number | undefined
  /** Milliseconds. */
  readonly stages: Readonly<Record<string, number>>
  readonly total: number
}

/** A face for the view in 3D: coordinates in the unit cube, y up. */
export interface Solid {
  /** Id of the face model. */
  readonly faceModel: string
  /** [3n] */
  readonly positions: Float32Array<ArrayBuffer>
  /** The face model's; absent when its id is the one that was given. */
  readonly topology?: Topology
  /** The photograph on the mesh; absent when it was not asked for. */
  readonly texture?: Texels
  /** Colours of the mouth's lining; absent when the texture is, or there is none. */
  readonly mouth?: Float32Array | undefined
}

/** RGBA, from the top: bytes, since WebKit uploads nothing of an ImageBitmap that comes from a worker. */
export interface Texels {
  readonly data: Uint8ClampedArray<ArrayBuffer>
  readonly width: number
  readonly height: number
}

export interface Topology {
  readonly triangles: Uint32Array
  /** [2n], origin top-left. */
  readonly uv: Float32Array
  /** What closes the mouth; absent where the mesh does. */
  readonly lining?: MouthLining | undefined
}

export interface NamedFile {
  readonly name: string
  readonly blob: Blob
}

export interface Progress {
  readonly what: string
  /** Bytes. */
  readonly loaded: number
  /** Bytes; 0 where the server does not say. */
  readonly total: number
  readonly cached: boolean
}
