import { expect } from '../errors.ts'
import { copyImage, type ImageView } from '../image.ts'

/** Contrast is changed at most by this factor: a flatly lit face stays one. */
const MAX_GAIN = 2

/**
 * A copy of `texture` whose mean and contrast a colour channel are those of `reference`, over the texels that count in both.
 * Not a relighting: the direction of the light stays. Both have the same size.
 * Source: Reinhard et al., "Color Transfer between Images", 2001, on RGB.
 * @param weights [width * height] how much a texel counts, from 0
 * @throws {InvalidInputError} when sizes disagree.
 */
export function matchColors(texture: ImageView, reference: ImageView, weights: ArrayLike<number>): ImageView {
  const count = texture.width * texture.height
  const same = reference.width === texture.width && reference.height === texture.height
  expect(same, 'reference', `${texture.width} x ${texture.height} pixels`, `${reference.width} x ${reference.height}`)
  expect(weights.length === count, 'weights', `${count} numbers`, weights)
  const out = copyImage(texture)
  for (let k = 0; k < 3; k++) {
    const from = statistics(texture, weights, k)
    const to = statistics(reference, weights, k)
    if (!from || !to) continue
    const gain = Math.max(1 / MAX_GAIN, Math.min(MAX_GAIN, from.deviation > 0 ? to.deviation / from.deviation : 1))
    for (let i = k; i < out.data.length; i += out.channels)
      out.data[i] = Math.max(0, Math.min(255, Math.round((out.data[i]! - from.mean) * gain + to.mean)))
  }
  return out
}

/** Undefined where nothing counts. */
function statistics(
  { data, channels }: ImageView,
  weights: ArrayLike<number>,
  k: number,
): { mean: number; deviation: number } | undefined {
  let [sum, total, squares] = [0, 0, 0]
  for (let t = 0; t < weights.length; t++) {
    sum += weights[t]!
    total += weights[t]! * data[t * channels + k]!
    squares += weights[t]! * data[t * channels + k]! ** 2
  }
  if (!(sum > 0)) return undefined
  const mean = total / sum
  return { mean, deviation: Math.sqrt(Math.max(0, squares / sum - mean * mean)) }
}
