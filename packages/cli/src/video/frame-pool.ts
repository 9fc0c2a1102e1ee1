import type { ImageView } from '@3ddfa/core'

/** Memory of frames that is used again: as much as was out at the same time, however long the video. */
export class FramePool {
  readonly #width: number
  readonly #height: number
  readonly #free: ImageView[] = []

  constructor({ width, height }: { readonly width: number; readonly height: number }) {
    this.#width = width
    this.#height = height
  }

  /** An RGB picture of any content. */
  take(): ImageView {
    const [width, height] = [this.#width, this.#height]
    return this.#free.pop() ?? { data: new Uint8Array(3 * width * height), width, height, channels: 3 }
  }

  give(image: ImageView): void {
    this.#free.push(image)
  }
}
