import type { ImageView, InputFrame } from '@3ddfa/core'
import type { Landmarks } from '@3ddfa/core/evaluation'

/** How a photograph lies in the picture: its point (cx, cy) is moved to the middle plus (x, y), turned and zoomed there. */
export interface Placement {
  /** Pixels. */
  readonly x: number
  readonly y: number
  readonly zoom: number
  /** Radians, clockwise in the picture. */
  readonly angle: number
}

export interface SyntheticVideo {
  readonly frames: () => Generator<InputFrame, void>
  readonly placements: readonly Placement[]
  /** Moves points [3n] by a placement, or back. */
  place(points: Landmarks, placement: Placement): Float64Array
  unplace(points: Landmarks, placement: Placement): Float64Array
}

/** Standard deviation of the sensor noise, levels of 255. */
const NOISE = 4

/** A photograph that moves in a known way, with fresh sensor noise in every frame. */
export function syntheticVideo(
  photo: ImageView,
  centre: readonly [number, number],
  motion: (seconds: number) => Placement,
  {
    width = 640,
    height = 360,
    fps = 30,
    count = 90,
  }: Partial<Record<'width' | 'height' | 'fps' | 'count', number>> = {},
): SyntheticVideo {
  const placements = Array.from({ length: count }, (_, i) => motion(i / fps))
  const [cx, cy] = centre
  const map = (points: Landmarks, f: (x: number, y: number) => [number, number]): Float64Array => {
    const out = Float64Array.from(points)
    for (let i = 0; i < out.length; i += 3) out.set(f(points[i]!, points[i + 1]!), i)
    return out
  }
  const place = (points: Landmarks, { x, y, zoom, angle }: Placement): Float64Array => {
    const [c, s] = [zoom * Math.cos(angle), zoom * Math.sin(angle)]
    return map(points, (px, py) => [
      width / 2 + x + c * (px - cx) - s * (py - cy),
      height / 2 + y + s * (px - cx) + c * (py - cy),
    ])
  }
  const unplace = (points: Landmarks, { x, y, zoom, angle }: Placement): Float64Array => {
    const [c, s] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom]
    return map(points, (px, py) => {
      const [dx, dy] = [px - width / 2 - x, py - height / 2 - y]
      return [cx + c * dx + s * dy, cy - s * dx + c * dy]
    })
  }
  function* frames(): Generator<InputFrame, void> {
    const noise = noiseSource(1)
    for (const [i, placement] of placements.entries())
      yield { image: warp(photo, (p) => unplace(p, placement), width, height, noise), timestamp: i / fps }
  }
  return { frames, placements, place, unplace }
}

/** Bilinear; the map is affine, so its steps along x and y are the same everywhere. */
function warp(
  photo: ImageView,
  toPhoto: (point: Landmarks) => Float64Array,
  width: number,
  height: number,
  noise: () => number,
): ImageView {
  const data = new Uint8ClampedArray(width * height * 3)
  const [origin, right, down] = [toPhoto([0, 0, 0]), toPhoto([1, 0, 0]), toPhoto([0, 1, 0])] as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const at = (axis: 0 | 1, x: number, y: number): number =>
    origin[axis]! + x * (right[axis]! - origin[axis]!) + y * (down[axis]! - origin[axis]!)
  const row = photo.width * photo.channels
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const px = Math.max(0, Math.min(photo.width - 1.001, at(0, x, y)))
      const py = Math.max(0, Math.min(photo.height - 1.001, at(1, x, y)))
      const [fx, fy] = [px % 1, py % 1]
      for (let c = 0; c < 3; c++) {
        const i = Math.floor(py) * row + Math.floor(px) * photo.channels + c
        const top = photo.data[i]! * (1 - fx) + photo.data[i + photo.channels]! * fx
        const bottom = photo.data[i + row]! * (1 - fx) + photo.data[i + row + photo.channels]! * fx
        data[(y * width + x) * 3 + c] = top * (1 - fy) + bottom * fy + NOISE * noise()
      }
    }
  return { data, width, height, channels: 3 }
}

/** Normal numbers from a table (Box-Muller over a linear congruential generator), entered anew at every wrap. */
function noiseSource(seed: number): () => number {
  let state = seed
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 1) / 4294967297
  }
  const table = Float32Array.from(
    { length: 65_521 },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  )
  let at = 0
  return () => {
    if (++at >= table.length) at = Math.floor(uniform() * 1000)
    return table[at]!
  }
}
