import type { ImageView } from '../image.ts'

/** A colour to draw with: RGB in [0, 255]. */
export type Rgb = readonly [number, number, number]

/** Anti-aliased disc around (x, y); `alpha` in [0, 1] mixes it with the picture. Parts outside are cut off. */
export function drawDisc(image: ImageView, x: number, y: number, radius: number, color: Rgb, alpha = 1): void {
  cover(
    image,
    x - radius,
    y - radius,
    x + radius,
    y + radius,
    color,
    alpha,
    (px, py) => radius - Math.hypot(px - x, py - y),
  )
}

/** Anti-aliased circle around (x, y), its line `width` pixels wide. */
export function drawCircle(
  image: ImageView,
  x: number,
  y: number,
  radius: number,
  width: number,
  color: Rgb,
  alpha = 1,
): void {
  const reach = radius + width / 2
  cover(
    image,
    x - reach,
    y - reach,
    x + reach,
    y + reach,
    color,
    alpha,
    (px, py) => width / 2 - Math.abs(radius - Math.hypot(px - x, py - y)),
  )
}

/** Anti-aliased line with round ends. */
export function drawLine(
  image: ImageView,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  width: number,
  color: Rgb,
  alpha = 1,
): void {
  const half = width / 2
  const [dx, dy] = [x2 - x1, y2 - y1]
  const length2 = dx * dx + dy * dy
  // Of each row only what is near the line: of a slanted one's box that is little.
  const reach = dy === 0 ? Infinity : ((half + 1) * Math.sqrt(length2)) / Math.abs(dy)
  const middle = (y: number): number => (dy === 0 ? x1 : x1 + ((y - y1) * dx) / dy)
  cover(
    image,
    Math.min(x1, x2) - half,
    Math.min(y1, y2) - half,
    Math.max(x1, x2) + half,
    Math.max(y1, y2) + half,
    color,
    alpha,
    (px, py) => {
      const t = length2 > 0 ? Math.max(0, Math.min(1, ((px - x1) * dx + (py - y1) * dy) / length2)) : 0
      return half - Math.hypot(px - x1 - t * dx, py - y1 - t * dy)
    },
    (y) => [middle(y) - reach, middle(y) + reach],
  )
}

/**
 * Mixes `color` into the pixels of a box by how far inside (positive) their centres lie: half a pixel either way is the soft edge.
 * @param span the columns of a row between which anything can be.
 */
function cover(
  image: ImageView,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  color: Rgb,
  alpha: number,
  inside: (x: number, y: number) => number,
  span: (y: number) => readonly [number, number] = () => [x1, x2],
): void {
  if (![x1, y1, x2, y2].every(Number.isFinite)) return
  const { data, width, height, channels } = image
  const [left, right] = [Math.max(0, Math.floor(x1)), Math.min(width - 1, Math.ceil(x2))]
  const [top, bottom] = [Math.max(0, Math.floor(y1)), Math.min(height - 1, Math.ceil(y2))]
  for (let y = top; y <= bottom; y++) {
    const [from, to] = span(y)
    const end = Math.min(right, Math.ceil(to))
    for (let x = Math.max(left, Math.floor(from)); x <= end; x++) {
      const mix = alpha * Math.max(0, Math.min(1, inside(x, y) + 0.5))
      if (mix === 0) continue
      const at = (y * width + x) * channels
      // Over what is transparent the colour counts for more: it is `mix` of all that is there then.
      const opacity = channels === 4 ? data[at + 3]! / 255 : 1
      const sum = mix + opacity * (1 - mix)
      const share = opacity === 1 ? mix : mix / sum
      for (let k = 0; k < 3; k++) data[at + k] = Math.round(data[at + k]! + (color[k]! - data[at + k]!) * share)
      if (channels === 4) data[at + 3] = Math.round(255 * sum)
    }
  }
}
