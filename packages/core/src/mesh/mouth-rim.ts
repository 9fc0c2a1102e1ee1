import { boundaryLoops } from './boundary-loops.ts'

/** Of the 68 iBUG points: corners of the inner lips, the middle of the upper and of the lower one. */
const [RIGHT, LEFT, TOP, BOTTOM] = [60, 64, 62, 66]
/** The mouth's rim is no wider than so many times the distance of the inner lips' corners, and its middle as near to theirs as that. */
const WIDEST = 1.5
const NEAREST = 0.5

/** A half of a mouth's rim, from one corner to the other. */
export interface Lip {
  readonly vertices: readonly number[]
  /** Where on it each vertex lies, as a share of its length. */
  readonly at: readonly number[]
}

type Vector = readonly [number, number, number]

/** The upper and the lower half of the opening between a mesh's inner lips; undefined where it is closed there. @param shape [3n] */
export function findMouthRim(
  triangles: Uint32Array,
  landmarks: Uint32Array,
  shape: Float32Array,
): { upper: Lip; lower: Lip } | undefined {
  const point = (v: number): Vector => [shape[3 * v]!, shape[3 * v + 1]!, shape[3 * v + 2]!]
  const [right, left] = [point(landmarks[RIGHT]!), point(landmarks[LEFT]!)]
  const up = minus(point(landmarks[TOP]!), point(landmarks[BOTTOM]!))
  const width = length(minus(left, right))
  const rim = boundaryLoops(triangles).find((loop) => {
    const points = loop.map(point)
    const centre = mean(points)
    const reach = Math.max(...points.map((p) => length(minus(p, centre))))
    return length(minus(centre, mean([left, right]))) < NEAREST * width && 2 * reach < WIDEST * width
  })
  if (!rim) return undefined
  const along = rim.map((v) => dot(point(v), minus(left, right)))
  const [start, end] = [along.indexOf(Math.min(...along)), along.indexOf(Math.max(...along))]
  const lip = (vertices: readonly number[]): Lip => ({ vertices, at: shares(vertices.map(point)) })
  const [one, other] = [lip(walk(rim, start, end)), lip(walk(rim, end, start).reverse())]
  const height = ({ vertices }: Lip): number => dot(mean(vertices.map(point)), up)
  return height(one) > height(other) ? { upper: one, lower: other } : { upper: other, lower: one }
}

/** Between which vertices of a lip a place is (a share of its length), and how near to the second. */
export function placeOn({ vertices, at }: Lip, along: number): { from: number; to: number; share: number } {
  const next = at.findIndex((place, i) => i > 0 && place >= along)
  const step = at[next]! - at[next - 1]!
  return { from: vertices[next - 1]!, to: vertices[next]!, share: step > 0 ? (along - at[next - 1]!) / step : 0 }
}

/** The part of a loop from one place to another, both with it. */
function walk(loop: readonly number[], from: number, to: number): number[] {
  return from <= to ? loop.slice(from, to + 1) : [...loop.slice(from), ...loop.slice(0, to + 1)]
}

/** Where on a line its points lie, as shares of its length. */
function shares(points: readonly Vector[]): number[] {
  const at = [0]
  for (let i = 1; i < points.length; i++) at.push(at[i - 1]! + length(minus(points[i]!, points[i - 1]!)))
  return at.map((place) => place / at.at(-1)!)
}

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const length = (a: Vector): number => Math.hypot(...a)

function mean(points: readonly Vector[]): Vector {
  const sum = points.reduce<Vector>((s, p) => [s[0] + p[0], s[1] + p[1], s[2] + p[2]], [0, 0, 0])
  return [sum[0] / points.length, sum[1] / points.length, sum[2] / points.length]
}
