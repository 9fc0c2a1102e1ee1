import type { Face } from '../face-aligner.ts'
import type { Roi } from '../roi.ts'
import type { TrackedFrame } from './tracked-frame.ts'

/** Turns what the network said of each frame into what is handed out. Fed in order. */
export interface Smoother {
  /** Frames by which the result is late. */
  readonly latency: number
  /** The frame that is ready now: `latency` frames back, so undefined for the first ones. */
  next(frame: TrackedFrame): TrackedFrame | undefined
  /** The frames that are still held, when no more follow. */
  finish(): TrackedFrame[]
}

/** What smoothers need of the aligner. */
export interface FaceDecoder {
  /** Landmarks and pose of parameters that are relative to the crop of `roi`. */
  decode(params: Float32Array, roi: Roi): Pick<Face, 'landmarks' | 'pose'>
  /** Dense vertices, in an array to hand out. Absent when none are wanted. */
  readonly dense?: DenseDecoder
}

export interface DenseDecoder {
  decode(face: Pick<Face, 'params' | 'roi'>, out: Float32Array): Float32Array
  /** An array to hand out. */
  take(): Float32Array
}

/** No smoothing: only the dense vertices are added. */
export class PassThrough implements Smoother {
  readonly latency: number = 0
  readonly #decoder: FaceDecoder

  constructor(decoder: FaceDecoder) {
    this.#decoder = decoder
  }

  next(frame: TrackedFrame): TrackedFrame {
    const { dense } = this.#decoder
    if (!dense) return frame
    return { ...frame, faces: frame.faces.map((face) => ({ ...face, vertices: dense.decode(face, dense.take()) })) }
  }

  finish(): TrackedFrame[] {
    return []
  }
}
