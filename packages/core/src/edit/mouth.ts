import type { RenderTarget } from '../backend.ts'
import { pointBounds } from '../bounds.ts'
import type { ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { enclosedByMesh } from '../texture/enclosed-pixels.ts'
import { INNER_LIPS, lipColor, lipGaps, openness, parting, UPPER, unit } from '../texture/lips.ts'
import { distanceToPolygon, type Point } from '../texture/polygon.ts'
import { soften } from './soften.ts'

/** How far the lips' rim strays from the straight lines between its points, as a share of the mouth's width. */
const MARGIN = 0.1
/** Share of the mouth's width over which the dark begins. */
const SOFT = 0.025
/** Light inside of a mouth and on its tongue, as shares of that on the lips. */
const DEEP = 0.13
const TONGUE = 0.5
/** Its half width, as a share of the mouth's, and its height, as a share of the opening's. */
const TONGUE_WIDTH = 0.32
const TONGUE_HEIGHT = 0.35

type Mesh = Pick<MorphableModel, 'triangles' | 'landmarks'>

/**
 * [width * height] 1 where one looks between the lips of a face ([3n] vertices, drawn with ids from 0). On a turned head that is not
 * only where the mesh is open: the inside of the far cheek stands there, which is no skin. It is taken out of the target.
 */
export function openMouth(target: RenderTarget, vertices: Float32Array, { triangles, landmarks }: Mesh): Uint8Array {
  const { triangleIds, width } = target
  const lips = Array.from(landmarks.subarray(...INNER_LIPS), (v): Point => [vertices[3 * v]!, vertices[3 * v + 1]!])
  const margin = MARGIN * Math.hypot(lips[4]![0] - lips[0]![0], lips[4]![1] - lips[0]![1])
  const { x1, y1, x2, y2 } = pointBounds(lips.flat(), 2)
  const box = { x1: x1 - margin, y1: y1 - margin, x2: x2 + margin, y2: y2 + margin }
  const inside = new Float32Array(triangleIds.length).fill(-Infinity)
  for (let i = 0; i < inside.length; i++) {
    const [x, y] = [target.x + (i % width), target.y + Math.floor(i / width)]
    if (x < box.x1 || x > box.x2 || y < box.y1 || y > box.y2) continue
    const id = triangleIds[i]!
    if (id >= 0 && !turnsAway(vertices, triangles, 3 * id)) continue
    inside[i] = distanceToPolygon(lips, [x, y])
    if (inside[i]! > -margin) triangleIds[i] = -1
  }
  const enclosed = enclosedByMesh(target)
  return new Uint8Array(inside.map((d, i) => (d > 0 || (d > -margin && enclosed[i]) ? 1 : 0)))
}

/** Whether a triangle shows its back; another face's, beyond the mesh's own, does not. */
function turnsAway(v: Float32Array, triangles: Uint32Array, t: number): boolean {
  if (t >= triangles.length) return false
  const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!]
  return (v[b]! - v[a]!) * (v[c + 1]! - v[a + 1]!) - (v[b + 1]! - v[a + 1]!) * (v[c]! - v[a]!) <= 0
}

/** What the upper lip says of a place below it. */
export interface BelowLip {
  /** From the place to where it was in the photograph: teeth hang on the upper lip. */
  readonly shift: Point
  /** [0, 1] 1 where nothing but the dark has come to light: farther below the lip than the lips were apart. */
  readonly dark: number
}

/** A look-up of what the nearest part of the upper lip says, for places in the new picture of a face that moved from `from` to `to`. */
export function upperLip(from: Float32Array, to: Float32Array, mesh: Mesh): (x: number, y: number) => BelowLip {
  const lips = mesh.landmarks.subarray(...INNER_LIPS)
  const [before, after] = [lipGaps(from, mesh), lipGaps(to, mesh)]
  const wasOpen = openness(from, mesh)
  const soft = softness(to, mesh)
  const parts = parting(Math.max(...after) - Math.max(...before), from, mesh)
  return (x, y) => {
    let nearest = Infinity
    let found: BelowLip = { shift: [0, 0], dark: 0 }
    for (let i = 0; i + 1 < UPPER.length; i++) {
      const [a, b] = [3 * lips[UPPER[i]!]!, 3 * lips[UPPER[i + 1]!]!]
      const [dx, dy] = [to[b]! - to[a]!, to[b + 1]! - to[a + 1]!]
      const t = unit(((x - to[a]!) * dx + (y - to[a + 1]!) * dy) / (dx * dx + dy * dy || 1))
      const below = Math.hypot(to[a]! + t * dx - x, to[a + 1]! + t * dy - y)
      if (below >= nearest) continue
      nearest = below
      const shift = (k: number): number => (1 - t) * (from[a + k]! - to[a + k]!) + t * (from[b + k]! - to[b + k]!)
      const shown = wasOpen * ((1 - t) * before[i]! + t * before[i + 1]!)
      found = { shift: [shift(0), shift(1)], dark: parts * unit((below - shown) / soft + 1) }
    }
    return found
  }
}

/**
 * Paints, in place, what the photograph does not show between lips that part: the dark, soft at its rim, with a tongue in little light. A
 * mouth that was open before keeps what was in it.
 * @param opening [width * height] the moved face's `openMouth`
 */
export function paintMouth(
  out: ImageView,
  image: ImageView,
  from: Float32Array,
  to: Float32Array,
  mesh: Mesh,
  target: RenderTarget,
  opening: Uint8Array,
): void {
  const radius = Math.round(softness(to, mesh))
  const lip = upperLip(from, to, mesh)
  const color = lipColor(image, from, mesh)
  const tongue = tongueAt(to, mesh)
  const cover = soften(opening, target.width, radius)
  for (let i = 0; i < cover.length; i++) {
    if (!cover[i]) continue
    const [x, y] = [target.x + (i % target.width), target.y + Math.floor(i / target.width)]
    const dark = cover[i]! * lip(x, y).dark
    const light = DEEP + (TONGUE - DEEP) * tongue(x, y)
    const at = (y * out.width + x) * out.channels
    for (let k = 0; k < 3; k++)
      out.data[at + k] = Math.round(out.data[at + k]! + (light * color[k]! - out.data[at + k]!) * dark)
  }
}

/** [0, 1] how much of a tongue is seen at a place of an open mouth: it lies on the middle of the lower lip. */
function tongueAt(v: Float32Array, { landmarks }: Mesh): (x: number, y: number) => number {
  const lips = landmarks.subarray(...INNER_LIPS)
  const way = (a: number, b: number, share: number): Point => [
    share * (v[3 * lips[b]!]! - v[3 * lips[a]!]!),
    share * (v[3 * lips[b]! + 1]! - v[3 * lips[a]! + 1]!),
  ]
  const [ax, ay] = way(0, 4, TONGUE_WIDTH)
  const [bx, by] = way(2, 6, TONGUE_HEIGHT)
  const area = ax * by - ay * bx || 1
  return (x, y) => {
    const [dx, dy] = [x - v[3 * lips[6]!]!, y - v[3 * lips[6]! + 1]!]
    return Math.exp(-(((dx * by - dy * bx) / area) ** 2) - ((ax * dy - ay * dx) / area) ** 2)
  }
}

/** Pixels over which the dark of a mouth begins. */
function softness(v: Float32Array, { landmarks }: Mesh): number {
  const [a, b] = [3 * landmarks[INNER_LIPS[0]]!, 3 * landmarks[INNER_LIPS[0] + 4]!]
  return Math.max(1, SOFT * Math.hypot(v[a]! - v[b]!, v[a + 1]! - v[b + 1]!))
}
