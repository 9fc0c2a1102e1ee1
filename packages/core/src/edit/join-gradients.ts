import type { RenderTarget } from '../backend.ts'
import type { ImageView } from '../image.ts'
import { Cell, solveMembrane } from './membrane.ts'

/** What is to be laid over a window of the picture. */
export interface Painting {
  /** [3 a pixel] RGB, 0 to 255. */
  readonly colors: Float32Array
  /** [pixels] 1 where the face is seen. */
  readonly shown: Uint8Array
  /** [pixels] distance to the outline of what is seen of the face. An open mouth lies within. */
  readonly edge: Float32Array
  /** [pixels] [0, 1] */
  alpha: Float32Array
}

/**
 * Adds the membrane that is fixed to photograph less painting along the border of what is painted. Along the face's own
 * outline nothing is fixed: there the photograph may already show the background.
 * @param feather width of the soft outline in pixels
 */
export function joinGradients(painting: Painting, image: ImageView, target: RenderTarget, feather: number): void {
  const { width, height } = target
  const { colors, shown, edge } = painting
  const cells = Uint8Array.from(painting.alpha, (alpha, i) =>
    alpha > 0.5 && edge[i]! > feather / 2 ? Cell.free : Cell.outside,
  )
  const offsets = new Float32Array(colors.length)
  let fixed = 0
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      if (cells[i] !== Cell.free) continue
      const border = [i - 1, i + 1, i - width, i + width].some((n) => cells[n] === Cell.outside && shown[n])
      if (!border || edge[i]! <= feather / 2 + 1.5) continue
      cells[i] = Cell.fixed
      fixed++
      const at = ((y + target.y) * image.width + x + target.x) * image.channels
      for (let k = 0; k < 3; k++) offsets[3 * i + k] = toLight(image.data[at + k]!) - toLight(colors[3 * i + k]!)
    }
  if (fixed > 0) solveMembrane({ heights: offsets, cells, width, height, channels: 3 })
  for (let i = 0; i < colors.length; i++) colors[i] = fromLight(toLight(colors[i]!) + offsets[i]!)
  painting.alpha = Float32Array.from(cells, (cell, i) =>
    cell === Cell.outside ? 0 : feather > 0 ? Math.min(1, (edge[i]! - feather / 2) / feather) : 1,
  )
}

/**
 * Gradients are those of logarithms: light multiplies, so that a bright face on a dark one loses brightness and not its shadows.
 * The shift keeps the noise of dark pixels from counting as much as the rest of the face.
 */
const DARK = 64
const toLight = (value: number): number => Math.log(value + DARK)
const fromLight = (value: number): number => Math.exp(value) - DARK
