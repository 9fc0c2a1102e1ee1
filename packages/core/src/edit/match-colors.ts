import { expect } from '../errors.ts'
import { copyImage, type ImageView } from '../image.ts'

/** Contrast is changed at most by this factor: a flatly lit face stays one. */
const MAX_GAIN = 2
/** Shares of red, green and blue in brightness (Rec. 601). */
const LUMA = [0.299, 0.587, 0.114] as const

/**
 * A copy of `texture` whose mean colour and contrast are those of `reference`, over the texels that count in both. A colour is taken as
 * the mean hue at its brightness and what differs from that: so dark texels get no hue of their own, and those that are redder than
 * the skin stay so. Not a relighting: the direction of the light stays. Both have the same size.
 * Source: Reinhard et al., "Color Transfer between Images", 2001, on brightness and chroma.
 * @param weights [width * height] how much a texel counts, from 0
 * @throws {InvalidInputError} when sizes disagree.
 */
export function matchColors(texture: ImageView, reference: ImageView, weights: ArrayLike<number>): ImageView {
  const count = texture.width * texture.height
  const same = reference.width === texture.width && reference.height === texture.height
  expect(same, 'reference', `${texture.width} x ${texture.height} pixels`, `${reference.width} x ${reference.height}`)
  expect(weights.length === count, 'weights', `${count} numbers`, weights)
  const out = copyImage(texture)
  const [from, to] = [statistics(texture, weights), statistics(reference, weights)]
  if (!from || !to) return out
  const gain = Math.max(1 / MAX_GAIN, Math.min(MAX_GAIN, from.contrast > 0 ? to.contrast / from.contrast : 1))
  // Never more colourful than contrast asks for: what a texture has little of is mostly noise.
  const chromaGain = Math.min(gain, from.chroma > 0 ? to.chroma / from.chroma : 1)
  const color = [0, 0, 0]
  for (let i = 0; i < out.data.length; i += out.channels) {
    const light = lightAt(texture, i)
    const lit = Math.max(0, to.light + (light - from.light) * gain)
    for (let k = 0; k < 3; k++) color[k] = lit * to.hue[k]! + (out.data[i + k]! - light * from.hue[k]!) * chromaGain
    // A highlight that is clipped in one channel would change its hue.
    const scale = 255 / Math.max(255, ...color)
    for (let k = 0; k < 3; k++) out.data[i + k] = Math.max(0, Math.round(color[k]! * scale))
  }
  return out
}

interface Statistics {
  /** Mean brightness, and its standard deviation. */
  readonly light: number
  readonly contrast: number
  /** [3] the mean colour for a brightness of 1. */
  readonly hue: readonly number[]
  /** How far colours are from that hue at their brightness, root of the mean square. */
  readonly chroma: number
}

/** Undefined where nothing counts. */
function statistics(image: ImageView, weights: ArrayLike<number>): Statistics | undefined {
  const { data, channels } = image
  const mean = [0, 0, 0]
  let total = 0
  for (let t = 0; t < weights.length; t++) {
    total += weights[t]!
    for (let k = 0; k < 3; k++) mean[k]! += weights[t]! * data[t * channels + k]!
  }
  if (!(total > 0)) return undefined
  const light = LUMA.reduce((sum, share, k) => sum + (share * mean[k]!) / total, 0)
  const hue = mean.map((sum) => (light > 0 ? sum / total / light : 1))
  let [contrast, chroma] = [0, 0]
  for (let t = 0; t < weights.length; t++) {
    const here = lightAt(image, t * channels)
    contrast += weights[t]! * (here - light) ** 2
    for (let k = 0; k < 3; k++) chroma += weights[t]! * (data[t * channels + k]! - here * hue[k]!) ** 2
  }
  return { light, hue, contrast: Math.sqrt(contrast / total), chroma: Math.sqrt(chroma / total) }
}

/** Brightness of a pixel. */
function lightAt({ data }: ImageView, i: number): number {
  return LUMA[0] * data[i]! + LUMA[1] * data[i + 1]! + LUMA[2] * data[i + 2]!
}
