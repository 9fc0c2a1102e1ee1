import type { ImageView } from './image.ts'
import type { QuarterTurns } from './roll/quarter-turns.ts'

/** An axis-aligned box in pixels of the picture it was found in (it may reach past the border); score in [0, 1]. */
export interface FaceBox {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
  readonly score: number
  /** See `Roi.quarterTurns`. */
  readonly quarterTurns?: QuarterTurns | undefined
}

/** Finds faces. Boxes come sorted by falling score; no face is an empty list, not an error. */
export interface FaceDetector {
  /** Names the detector in messages. */
  readonly id: string
  detect(image: ImageView): Promise<FaceBox[]>
  /** Frees what it holds, its network among it. Calls of `detect` that run are still answered or rejected, later ones are refused. */
  dispose(): Promise<void>
}
