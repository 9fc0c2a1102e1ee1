import type { ImageView } from './image.ts'

/** An axis-aligned box in pixels of the picture it was found in (it may reach past the border); score in [0, 1]. */
export interface FaceBox {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
  readonly score: number
}

/** Finds faces. Boxes come sorted by falling score; no face is an empty list, not an error. */
export interface FaceDetector {
  readonly id: string
  detect(image: ImageView): Promise<FaceBox[]>
  dispose(): Promise<void>
}
