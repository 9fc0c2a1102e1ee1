import type { RenderTarget } from '../backend.ts'
import type { ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { unit } from '../texture/lips.ts'
import { sampleBilinear } from '../texture/sample.ts'

/** Of the 68 iBUG points: a corner, two of the upper lid, the other corner, two of the lower lid; and the middle of the brow. */
const EYES = [
  { points: [36, 37, 38, 39, 40, 41], brow: [18, 19, 20] },
  { points: [42, 43, 44, 45, 46, 47], brow: [23, 24, 25] },
] as const
/** Closing from which on an eye is drawn anew, wholly so from the second on. */
const CLOSING = [0.02, 0.1] as const
/** So far beyond its fitted corners, in shares of their distance, an eye goes on: lids meet aside of where the fit has them. */
const CORNERS = 0.14
/** Half a brow, as a share of an eye's width, and the share of what lies below it down to the lid that gives way when the lid moves. */
const BROW = 0.1
const SKIN = 0.68
/** What moves with a lid's edge as it is, lashes: that far above it, in widths of the eye, but no more than this share of its skin; and below. */
const LASHES = { above: 0.2, share: 0.6, below: 0.03 } as const
/** So far below the lower lid, in widths of the eye, nothing changes, and over so much the change begins, there and on all sides. */
const LOWER = 0.1
const BEGIN = 0.08

/** Where the edge of an upper lid is looked for, in widths of the eye from where the fit has it: it tends to be below the lashes. */
const EDGE = { lowest: -0.1, highest: 0.3, step: 0.025, tilt: 0.15 } as const
/** How far above the edge there is skin again, and what its light counts beside the dark of the lashes; what distance from the fit costs. */
const ABOVE = { distance: 0.1, weight: 0.5 } as const
const COST = 1
/** The light of a line is that which so many of its places do not reach: an iris is dark as well, but narrower than lashes. */
const PLACES = 0.7

type Point = readonly [x: number, y: number]
/** Height above the line between an eye's corners, in widths of the eye, at a share of the way from one to the other. */
type Curve = (s: number) => number

/** An eye in a picture, seen along its axis: `s` from 0 to 1 between its corners, `t` up, both in widths of the eye. */
class Eye {
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

/**
 * Closes, in place, the eyes of a warped picture as far as their lids have moved: lashes come down with the lid's edge, the skin above follows
 * as far as the brow, and what is still open stays what it was. The mesh alone does not tell where in the photograph the edge is.
 */
export function closeLids(
  out: ImageView,
  image: ImageView,
  from: Float32Array,
  to: Float32Array,
  { landmarks }: Pick<MorphableModel, 'landmarks'>,
  target: RenderTarget,
): void {
  for (const points of EYES) {
    const [before, after] = [new Eye(from, landmarks, points), new Eye(to, landmarks, points)]
    const closing = 1 - after.opening / before.opening
    const amount = unit((closing - CLOSING[0]) / (CLOSING[1] - CLOSING[0]))
    if (before.width >= 4 && amount > 0) moveLid(out, image, before, after, target, amount)
  }
}

function moveLid(
  out: ImageView,
  image: ImageView,
  before: Eye,
  after: Eye,
  target: RenderTarget,
  amount: number,
): void {
  const edge = lidEdge(image, before)
  const { left, top, right, bottom } = after.box(target)
  const [lid, open] = [new Float32Array(3), new Float32Array(3)]
  const sample = (s: number, t: number, color: Float32Array): void => {
    sampleBilinear(image, ...before.place(s, t), color, 0)
  }
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const [s, t] = after.along(x, y)
      if (s <= 0 || s >= 1) continue
      const brow = before.upper(s) + SKIN * before.room
      const low = before.lower(s) - LOWER
      const within = Math.min(brow - t, t - low, s, 1 - s)
      const share = amount * unit(within / BEGIN) * after.shownAt(target, x, y)
      if (share === 0) continue
      const [old, now] = [edge(s), after.upper(s)]
      const lashes = Math.max(0, Math.min(LASHES.above, LASHES.share * (brow - old)))
      // Skin between lashes and brow is drawn out, or folds.
      const stretch = (brow - old - lashes) / (brow - now - lashes)
      sample(s, t > now + lashes ? brow + (t - brow) * stretch : t + old - now, lid)
      sample(s, t, open)
      // Over a pixel and a half, against steps.
      const covered = unit(((t - now + LASHES.below) * after.width) / 1.5 + 0.5)
      const at = (y * out.width + x) * out.channels
      for (let k = 0; k < 3; k++) {
        const value = open[k]! + (lid[k]! - open[k]!) * covered
        out.data[at + k] = Math.round(out.data[at + k]! + (value - out.data[at + k]!) * share)
      }
    }
}

/** The edge of an eye's upper lid as the photograph has it: the darkest line near the fitted one that has skin above it. */
function lidEdge(image: ImageView, eye: Eye): Curve {
  const color = new Float32Array(3)
  const light = (line: Curve): number => {
    const levels: number[] = []
    for (let s = 0.15; s < 0.86; s += 0.05) {
      sampleBilinear(image, ...eye.place(s, eye.upper(s) + line(s)), color, 0)
      levels.push(color[0]! + color[1]! + color[2]!)
    }
    return levels.sort((a, b) => a - b)[Math.floor(PLACES * levels.length)]!
  }
  const skin = Math.max(...[0.15, 0.2, 0.25, 0.3].map((t) => light(() => Math.min(t, 0.9 * eye.room)))) || 1
  let best: { score: number; line: Curve } = { score: Infinity, line: () => 0 }
  const steps = Math.round((EDGE.highest - EDGE.lowest) / EDGE.step)
  for (let i = 0; i <= steps; i++)
    for (let j = 0; j <= steps; j++) {
      const [a, b] = [EDGE.lowest + i * EDGE.step, EDGE.lowest + j * EDGE.step]
      if (Math.abs(a - b) > EDGE.tilt) continue
      const line = through([0.33, a], [0.67, b])
      const above = light((s) => line(s) + ABOVE.distance)
      const score = (light(line) - ABOVE.weight * above) / skin + COST * (a * a + b * b)
      if (score < best.score) best = { score, line }
    }
  return (s) => eye.upper(s) + best.line(s)
}

/** The smooth curve (a cubic) through the corners and two points between them; level beyond the corners. */
function through(...inner: readonly [Point, Point]): Curve {
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
