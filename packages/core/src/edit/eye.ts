import type { RenderTarget } from '../backend.ts'
import { unit } from '../texture/lips.ts'

/** Of the 68 iBUG points: a corner, two of the upper lid, the other corner, two of the lower lid; and the middle of the brow. */
export const EYES = [
  { points: [36, 37, 38, 39, 40, 41], brow: [18, 19, 20] },
  { points: [42, 43, 44, 45, 46, 47], brow: [23, 24, 25] },
] as const
/** Half a brow, in widths of the eye. */
const BROW = 0.1
/** So far beyond its fitted corners, in shares of their distance, an eye goes on: lids meet aside of where the fit has them. */
const CORNERS = 0.14

type Point = readonly [x: number, y: number]
/** Height above the line between an eye's corners, in widths of the eye, at a share of the way from one to the other. */
export type Curve = (s: number) => number

/** An eye in a picture, seen along its axis: `s` from 0 to 1 between its corners, `t` up, both in widths of the eye. */
export class Eye {
  readonly width: number
  readonly upper: Curve
  readonly lower: Curve
  /** From the upper lid to the brow. */
  readonly room: number
  readonly #origin: Point
  readonly #axis: Point
  readonly #up: Point
  /** From the first corner, at this depth, to the second. */
  readonly #depth: number
  readonly #across: readonly [x: number, y: number, z: number]

  constructor(vertices: Float32Array, landmarks: Uint32Array, { points, brow }: (typeof EYES)[number]) {
    const at = (i: number): Point => [vertices[3 * landmarks[i]!]!, vertices[3 * landmarks[i]! + 1]!]
    const depth = (i: number): number => vertices[3 * landmarks[i]! + 2]!
    const [inner, outer] = [at(points[0]), at(points[3])]
    const beyond = (share: number): Point => [
      inner[0] + share * (outer[0] - inner[0]),
      inner[1] + share * (outer[1] - inner[1]),
    ]
    const [start, end] = [beyond(-CORNERS), beyond(1 + CORNERS)]
    const [dx, dy] = [end[0] - start[0], end[1] - start[1]]
    this.width = Math.hypot(dx, dy)
    this.#origin = start
    this.#depth = depth(points[0])
    this.#across = [dx, dy, depth(points[3]) - depth(points[0])]
    this.#axis = [dx / this.width, dy / this.width]
    const [bx, by] = at(brow[1])
    const side = Math.sign(-this.#axis[1] * (bx - start[0]) + this.#axis[0] * (by - start[1])) || 1
    this.#up = [-side * this.#axis[1], side * this.#axis[0]]
    // Two points between the corners, apart from each other and from them even where a head is seen from its side.
    const between = (i: number, least: number): Point => {
      const [s, t] = this.along(...at(i))
      return [Math.min(least + 0.3, Math.max(least, s)), t]
    }
    this.upper = through(between(points[1], 0.15), between(points[2], 0.55))
    this.lower = through(between(points[5], 0.15), between(points[4], 0.55))
    const browAt = brow.map((i) => this.along(...at(i))).map(([s, t]) => t - this.upper(s))
    this.room = Math.max(0, Math.min(...browAt) - BROW)
  }

  /** `s` and `t` of a place in the picture. */
  along(x: number, y: number): Point {
    const [dx, dy] = [(x - this.#origin[0]) / this.width, (y - this.#origin[1]) / this.width]
    return [dx * this.#axis[0] + dy * this.#axis[1], dx * this.#up[0] + dy * this.#up[1]]
  }

  /** The place in the picture of `s` and `t`. */
  place(s: number, t: number): Point {
    const [x, y] = [0, 1].map((k) => this.#origin[k]! + this.width * (s * this.#axis[k]! + t * this.#up[k]!))
    return [x!, y!]
  }

  /** Between the lids. */
  get opening(): number {
    return Math.max(0, this.upper(0.35) + this.upper(0.65) - this.lower(0.35) - this.lower(0.65)) / 2
  }

  /** [0, 1] how surely a pixel of the target shows what is around this eye: not the nose in front of an eye on the far side, nor the background. */
  shownAt({ x: left, y: top, width, depth }: RenderTarget, x: number, y: number): number {
    const [dx, dy, dz] = this.#across
    const behind = depth[(y - top) * width + x - left]! - this.#depth
    const s =
      ((x - this.#origin[0]) * dx + (y - this.#origin[1]) * dy + behind * dz) / (dx * dx + dy * dy + dz * dz || 1)
    return Number.isFinite(s) ? unit((s + 0.4) / 0.2) * unit((1.45 - s) / 0.2) : 0
  }

  /** What an eye and its lids fill of a target. */
  box({ x, y, width, height }: RenderTarget): { left: number; top: number; right: number; bottom: number } {
    const [cx, cy] = this.place(0.5, 0)
    const radius = this.width * (0.5 + this.room) + 2
    return {
      left: Math.max(x, Math.floor(cx - radius)),
      top: Math.max(y, Math.floor(cy - radius)),
      right: Math.min(x + width, Math.ceil(cx + radius)),
      bottom: Math.min(y + height, Math.ceil(cy + radius)),
    }
  }
}

/** The smooth curve (a cubic) through the corners and two points between them; level beyond the corners. */
export function through(...inner: readonly [Point, Point]): Curve {
  const lid: readonly Point[] = [[0, 0], ...inner, [1, 0]]
  return (s) => {
    if (s <= 0 || s >= 1) return 0
    return lid.reduce(
      (sum, [at, t], i) =>
        sum + lid.reduce((value, [other], j) => (i === j ? value : (value * (s - other)) / (at - other)), t),
      0,
    )
  }
}
