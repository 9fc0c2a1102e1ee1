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
  /** [pixels] [0, 1] how surely the photograph shows the face's skin, and not what is in front of it or behind. */
  readonly sure: Float32Array
}

/**
 * Adds the membrane that is fixed to photograph less painting along the border of what is painted. Along the mesh's own
 * outline only what is surely skin is fixed: elsewhere the photograph may already show the background. Nor is what has another hue than most.
 * @param feather width of the soft outline in pixels
 */
export function joinGradients(painting: Painting, image: ImageView, target: RenderTarget, feather: number): void {
  const { width, height } = target
  const { colors, shown, edge, sure } = painting
  const cells = new Uint8Array(
    painting.alpha.map((alpha, i) => (alpha > 0.5 && edge[i]! > feather / 2 ? Cell.free : Cell.outside)),
  )
  const offsets = new Float32Array(CHANNELS * cells.length)
  const [old, painted] = [new Float32Array(CHANNELS), new Float32Array(CHANNELS)]
  const fixed: number[] = []
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      if (cells[i] !== Cell.free) continue
      const border = [i - 1, i + 1, i - width, i + width].some((n) => cells[n] === Cell.outside && shown[n])
      if (!border || (edge[i]! <= feather / 2 + 1.5 && sure[i]! < SURE)) continue
      cells[i] = Cell.fixed
      fixed.push(i)
      const at = ((y + target.y) * image.width + x + target.x) * image.channels
      split(image.data, at, old)
      split(colors, 3 * i, painted)
      offsets[CHANNELS * i] = lightOffset(painted[0]!, old[0]!)
      for (let k = 1; k < CHANNELS; k++) offsets[CHANNELS * i + k] = old[k]! - painted[k]!
    }
  for (const i of outliers(offsets, fixed)) cells[i] = Cell.free
  if (fixed.length > 0) {
    solveMembrane({ heights: offsets, cells, width, height, channels: CHANNELS })
    for (let i = 0; i < cells.length; i++) {
      if (cells[i] === Cell.outside) continue
      split(colors, 3 * i, painted)
      painted[0] = lit(painted[0]!, offsets[CHANNELS * i]!)
      for (let k = 1; k < CHANNELS; k++) painted[k]! += offsets[CHANNELS * i + k]!
      join(painted, colors, 3 * i)
    }
  }
  painting.alpha = painting.alpha.map((_, i) =>
    cells[i] === Cell.outside ? 0 : feather > 0 ? Math.min(1, (edge[i]! - feather / 2) / feather) : 1,
  )
}

/** Those of the fixed cells whose hue moves otherwise than most: at lips or a strap, from which all that is near would take its colour. */
function outliers(offsets: Float32Array, fixed: readonly number[]): number[] {
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
  const hues = [1, 2, 3].map((k) => {
    const middle = median(fixed.map((i) => offsets[CHANNELS * i + k]!))
    const spread = median(fixed.map((i) => Math.abs(offsets[CHANNELS * i + k]! - middle)))
    return { k, middle, most: Math.max(LEAST_SPREAD, spread) * OUTLIER }
  })
  return fixed.filter((i) => hues.some(({ k, middle, most }) => Math.abs(offsets[CHANNELS * i + k]! - middle) > most))
}

/** Median absolute deviations from the median beyond which a hue is another thing's, and the least that one is. */
const OUTLIER = 4
const LEAST_SPREAD = 0.015
/** From here on skin is sure. */
const SURE = 0.9
/** Brightness, that of the strongest channel, and the shares that red, green and blue have of it. */
const CHANNELS = 4
/** What is added to black and to white: the noise of the darkest and brightest pixels is not to count as much as the rest of the face. */
const DARK = 64
const BRIGHT = 24

function split(rgb: ArrayLike<number>, at: number, out: Float32Array): void {
  const value = Math.max(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!)
  out[0] = value
  for (let k = 0; k < 3; k++) out[k + 1] = (rgb[at + k]! + DARK) / (value + DARK)
}

/** The way back. Shares end at 1: what is white does not become blue because the light on the rest does. */
function join(parts: Float32Array, rgb: Float32Array, at: number): void {
  for (let k = 0; k < 3; k++) rgb[at + k] = (parts[0]! + DARK) * Math.min(1, parts[k + 1]!) - DARK
}

/**
 * What leads from one brightness to another: a difference of logarithms where it falls (light multiplies, so that a bright face on a dark
 * one loses brightness and not its shadows), of logits where it rises: highlights come nearer to white and are not burnt.
 */
function lightOffset(from: number, to: number): number {
  return to > from ? logit(to) - logit(from) : Math.log((to + DARK) / (from + DARK))
}

/** A brightness with such an offset. */
function lit(value: number, offset: number): number {
  if (offset <= 0) return (value + DARK) * Math.exp(offset) - DARK
  const odds = Math.exp(logit(value) + offset)
  return ((255 + BRIGHT) * odds - DARK) / (1 + odds)
}

const logit = (value: number): number => Math.log((value + DARK) / (255 + BRIGHT - value))
