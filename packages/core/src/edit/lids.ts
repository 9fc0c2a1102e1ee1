import type { RenderTarget } from '../backend.ts'
import type { ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { distanceToEdge } from '../texture/distance-to-edge.ts'
import { Cell, solveMembrane } from './membrane.ts'

/** Of the 68 iBUG points: a corner, two of the upper lid, the other corner, two of the lower lid; and the middle of the brow. */
const EYES = [
  { points: [36, 37, 38, 39, 40, 41], brow: [18, 19, 20] },
  { points: [42, 43, 44, 45, 46, 47], brow: [23, 24, 25] },
] as const
/** Half a brow, as a share of an eye's width. */
const BROW = 0.1
/** Where skin begins beside an open eye: above, of what lies between lid and brow; below and aside, of the eye's width. */
const ABOVE = 0.55
const BELOW = 0.14
const ASIDE = 0.12
/** Around a place beside an eye, the share of the eye's width in which its skin is looked for. */
const RIM = 0.07
/** Share of the eye's width over which new skin begins. */
const FEATHER = 0.1
/** Closing from which on eyes change, and from which on their lids are of new skin alone. */
const CLOSING = [0.05, 0.35] as const
/** Half the width of the line of lashes, as a share of the eye's, and the light that it leaves. */
const LASHES = 0.04
const SHADE = 0.45

type Point = readonly [x: number, y: number]

/** An eye in a picture, seen along its axis: `s` from 0 to 1 between its corners, `t` up, both in widths of the eye. */
class Eye {
  readonly width: number
  readonly #origin: Point
  readonly #axis: Point
  readonly #up: Point
  readonly #upper: readonly Point[]
  readonly #lower: readonly Point[]
  /** From the upper lid to the brow. */
  readonly #room: number

  constructor(vertices: Float32Array, landmarks: Uint32Array, { points, brow }: (typeof EYES)[number]) {
    const place = (i: number): Point => [vertices[3 * landmarks[i]!]!, vertices[3 * landmarks[i]! + 1]!]
    const [start, end] = [place(points[0]), place(points[3])]
    const [dx, dy] = [end[0] - start[0], end[1] - start[1]]
    this.width = Math.hypot(dx, dy)
    this.#origin = start
    this.#axis = [dx / this.width, dy / this.width]
    const [bx, by] = place(brow[1])
    const side = Math.sign(-this.#axis[1] * (bx - start[0]) + this.#axis[0] * (by - start[1])) || 1
    this.#up = [-side * this.#axis[1], side * this.#axis[0]]
    // Two points between the corners, apart from each other and from them even where a head is seen from its side.
    const inner = (i: number, least: number): Point => {
      const [s, t] = this.along(...place(i))
      return [Math.min(least + 0.3, Math.max(least, s)), t]
    }
    const profile = (first: number, second: number): Point[] => [
      [0, 0],
      inner(first, 0.15),
      inner(second, 0.55),
      [1, 0],
    ]
    this.#upper = profile(points[1], points[2])
    this.#lower = profile(points[5], points[4])
    const browAt = brow.map((i) => this.along(...place(i))).map(([s, t]) => t - this.upper(s))
    this.#room = Math.max(0, Math.min(...browAt) - BROW)
  }

  along(x: number, y: number): Point {
    const [dx, dy] = [(x - this.#origin[0]) / this.width, (y - this.#origin[1]) / this.width]
    return [dx * this.#axis[0] + dy * this.#axis[1], dx * this.#up[0] + dy * this.#up[1]]
  }

  upper(s: number): number {
    return curve(this.#upper, s)
  }

  lower(s: number): number {
    return curve(this.#lower, s)
  }

  /** Whether there is lash, white or iris at a place, open as the eye is. */
  hides(s: number, t: number): boolean {
    if (s < -ASIDE || s > 1 + ASIDE) return false
    // Narrower beyond the corners.
    const share = Math.min(1, (Math.min(s, 1 - s) + ASIDE) / (2 * ASIDE))
    return t < this.upper(s) + ABOVE * this.#room * share && t > this.lower(s) - BELOW * share
  }

  /** 1 between the lids, 0 on them, over two pixels. */
  openness(s: number, t: number): number {
    const inside = Math.min(this.upper(s) - t, t - this.lower(s)) * this.width
    return Math.min(1, Math.max(0, inside / 2))
  }

  /** Between the lids. */
  get opening(): number {
    return Math.max(0, this.upper(0.35) + this.upper(0.65) - this.lower(0.35) - this.lower(0.65)) / 2
  }

  /** What an eye and its surroundings fill of a target. */
  box({ x, y, width, height }: RenderTarget): { left: number; top: number; right: number; bottom: number } {
    const [cx, cy] = [0, 1].map((k) => this.#origin[k]! + (this.width / 2) * this.#axis[k]!) as [number, number]
    const radius = this.width * (0.5 + 2 * ASIDE) + 2
    return {
      left: Math.max(x, Math.floor(cx - radius)),
      top: Math.max(y, Math.floor(cy - radius)),
      right: Math.min(x + width, Math.ceil(cx + radius)),
      bottom: Math.min(y + height, Math.ceil(cy + radius)),
    }
  }
}

/**
 * Closes, in place, the eyes of a warped picture as far as their lids have moved. A lid that comes down shows skin that the camera did not
 * see, and what is beside a fitted edge is lash and iris in the photograph: so the eye's old place is covered by a membrane between the
 * skin around it, but for what is still open, and lashes are drawn where the lids meet.
 */
export function closeLids(
  out: ImageView,
  from: Float32Array,
  to: Float32Array,
  { landmarks }: Pick<MorphableModel, 'landmarks'>,
  target: RenderTarget,
): void {
  for (const points of EYES) {
    const [before, after] = [new Eye(from, landmarks, points), new Eye(to, landmarks, points)]
    const closing = 1 - after.opening / before.opening
    const amount = Math.min(1, (closing - CLOSING[0]) / (CLOSING[1] - CLOSING[0]))
    if (before.width < 4 || !(amount > 0)) continue
    coverEye(out, before, after, target, amount)
    drawLashes(out, after, target, Math.min(1, closing) ** 2)
  }
}

function coverEye(out: ImageView, before: Eye, after: Eye, target: RenderTarget, amount: number): void {
  const { left, top, right, bottom } = after.box(target)
  const [width, height] = [right - left, bottom - top]
  if (width < 3 || height < 3) return
  const place = (i: number): number => ((top + Math.floor(i / width)) * out.width + left + (i % width)) * out.channels
  const cells = Uint8Array.from({ length: width * height }, (_, i) => {
    const [column, row] = [i % width, Math.floor(i / width)]
    const isRim = column === 0 || row === 0 || column === width - 1 || row === height - 1
    // The eye as it was, at the place and in the direction that it has now.
    return !isRim && before.hides(...after.along(left + column, top + row)) ? Cell.free : Cell.fixed
  })
  const colors = new Float32Array(3 * width * height)
  for (let i = 0; i < width * height; i++) for (let k = 0; k < 3; k++) colors[3 * i + k] = out.data[place(i) + k]!
  const skin = brighterRim(colors, cells, width, Math.max(1, Math.round(RIM * before.width)))
  solveMembrane({ heights: skin, cells, width, height, channels: 3 })
  const edge = distanceToEdge(
    cells.map((cell) => Number(cell === Cell.free)),
    width,
    height,
  )
  for (let i = 0; i < width * height; i++) {
    if (cells[i] !== Cell.free) continue
    const [s, t] = after.along(left + (i % width), top + Math.floor(i / width))
    const share = amount * Math.min(1, edge[i]! / (FEATHER * before.width)) * (1 - after.openness(s, t))
    const at = place(i)
    for (let k = 0; k < 3; k++)
      out.data[at + k] = Math.round(out.data[at + k]! + (skin[3 * i + k]! - out.data[at + k]!) * share)
  }
}

/**
 * Colours of which those beside free cells are the mean of the brighter half around them: lashes and creases that cross the rim are not
 * to run into the lid.
 */
function brighterRim(colors: Float32Array, cells: Uint8Array, width: number, radius: number): Float32Array {
  const out = colors.slice()
  const height = cells.length / width
  const light = (i: number): number => colors[3 * i]! + colors[3 * i + 1]! + colors[3 * i + 2]!
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      const isRim = cells[i] === Cell.fixed && [-width, -1, 1, width].some((step) => cells[i + step] === Cell.free)
      if (!isRim) continue
      const around: number[] = []
      for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++)
        for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++)
          if (cells[v * width + u] === Cell.fixed) around.push(v * width + u)
      const brighter = around.sort((a, b) => light(b) - light(a)).slice(0, Math.ceil(around.length / 2))
      for (let k = 0; k < 3; k++)
        out[3 * i + k] = brighter.reduce((sum, j) => sum + colors[3 * j + k]!, 0) / brighter.length
    }
  return out
}

/** The line where lids meet: the photograph's lashes are gone with the rest. */
function drawLashes(out: ImageView, eye: Eye, target: RenderTarget, amount: number): void {
  const { left, top, right, bottom } = eye.box(target)
  const thickness = Math.max(LASHES, 1 / eye.width)
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const [s, t] = eye.along(x, y)
      if (s < 0 || s > 1) continue
      const line = Math.exp(-(((t - eye.upper(s)) / thickness) ** 2)) * Math.sqrt(Math.sin(Math.PI * s))
      const light = 1 - (1 - SHADE) * line * amount
      const at = (y * out.width + x) * out.channels
      for (let k = 0; k < 3; k++) out.data[at + k] = Math.round(out.data[at + k]! * light)
    }
}

/** The smooth curve (a cubic) through the four points of a lid; level beyond the corners. */
function curve(lid: readonly Point[], s: number): number {
  if (s <= 0 || s >= 1) return 0
  return lid.reduce(
    (sum, [at, t], i) =>
      sum + lid.reduce((value, [other], j) => (i === j ? value : (value * (s - other)) / (at - other)), t),
    0,
  )
}
