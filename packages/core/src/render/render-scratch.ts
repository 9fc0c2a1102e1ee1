import type { RenderTarget } from '../backend.ts'
import { type Box, clippedBox, type RenderTargetBuffers, targetWithin } from './render-target.ts'

/**
 * Memory that rendering takes again picture after picture. Without it every call asks for about 1.5 MB a face anew, which a
 * video leaves behind as garbage 30 times a second. One at a time: not for calls that run inside each other.
 */
export class RenderScratch {
  #normals = new Float32Array(0)
  #colors = new Float32Array(0)
  #buffers: RenderTargetBuffers = { depth: new Float32Array(0), triangleIds: new Int32Array(0) }

  /** [length] numbers of any value. */
  normals(length: number): Float32Array {
    if (this.#normals.length !== length) this.#normals = new Float32Array(length)
    return this.#normals
  }

  /** [length] numbers of any value. */
  colors(length: number): Float32Array {
    if (this.#colors.length !== length) this.#colors = new Float32Array(length)
    return this.#colors
  }

  /** An empty target over a box, clipped to the picture; valid until the next one. */
  target(picture: { readonly width: number; readonly height: number }, box: Box): RenderTarget {
    const clipped = clippedBox(picture, box)
    const size = clipped.width * clipped.height
    if (this.#buffers.depth.length < size)
      this.#buffers = { depth: new Float32Array(size), triangleIds: new Int32Array(size) }
    return targetWithin(clipped, this.#buffers)
  }
}
