import type { ImageView, Roi } from '@3ddfa/core'
import type { InputSize } from './priors.ts'

/** How a picture is brought to a network's input, and boxes back. */
export interface Fit extends InputSize {
  /** The whole-pixel region of the picture that fills the input; what lies outside the picture is black. Not always square. */
  readonly region: Roi
  /** Picture pixels per input pixel. */
  readonly scaleX: number
  readonly scaleY: number
}

/** The region keeps its left upper corner on the picture's, so no shift is needed on the way back. */
export function fitRegion(regionWidth: number, regionHeight: number, input: InputSize): Fit {
  return {
    width: input.width,
    height: input.height,
    region: { x1: 0, y1: 0, x2: regionWidth, y2: regionHeight },
    scaleX: regionWidth / input.width,
    scaleY: regionHeight / input.height,
  }
}

/** Whether the picture already is the input. */
export function isIdentity(image: ImageView, fit: Fit): boolean {
  return (
    image.channels === 3 &&
    image.width === fit.width &&
    image.height === fit.height &&
    image.width === fit.region.x2 &&
    image.height === fit.region.y2
  )
}
