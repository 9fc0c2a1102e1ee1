import type { MeshView } from '../backend.ts'
import { MAX_COORDINATE } from '../backend-arguments.ts'

const f = Math.fround

/** 28.4 fixed point: a sixteenth of a pixel. */
const SUBPIXEL = 16

/**
 * A triangle set up for the rasteriser. Vertices a, b, c in the mesh's order; edge values are integers in 1/256 pixel^2,
 * positive inside whatever the winding. One object is reused for all triangles.
 */
export interface Triangle {
  a: number
  b: number
  c: number
  /** Inclusive range of pixel centres that the bounding box covers. */
  minX: number
  maxX: number
  minY: number
  maxY: number
  /** Whether the pixel's centre lies inside, or on an edge that the top-left rule gives to this triangle. */
  covers(x: number, y: number): boolean
  /** Barycentric weight of vertex b at the pixel's centre, float32. */
  weight1(x: number, y: number): number
  /** Barycentric weight of vertex c, float32. */
  weight2(x: number, y: number): number
}

/** Edge function e(x, y) = A x + B y + C over pixel centres, in doubles that hold integers exactly. */
class Edge {
  A = 0
  B = 0
  C = 0
  /** 0 when pixels on the edge belong to the triangle (top or left edge), else -1. */
  bias = 0

  /** From (px, py) to (qx, qy) in subpixels; `sign` makes the inside positive. */
  set(px: number, py: number, qx: number, qy: number, sign: number): void {
    const dx = sign * (qx - px)
    const dy = sign * (qy - py)
    this.A = -dy * SUBPIXEL
    this.B = dx * SUBPIXEL
    this.C = dy * px - dx * py
    // Inside positive and y down: a left edge runs upwards (dy < 0), a top edge is level and runs to the right.
    this.bias = dy < 0 || (dy === 0 && dx > 0) ? 0 : -1
  }

  at(x: number, y: number): number {
    return this.A * x + this.B * y + this.C
  }
}

class TriangleSetup implements Triangle {
  a = 0
  b = 0
  c = 0
  minX = 0
  maxX = 0
  minY = 0
  maxY = 0
  /** Opposite a, b, c. */
  readonly bc: Edge = new Edge()
  readonly ca: Edge = new Edge()
  readonly ab: Edge = new Edge()
  inverseArea = 0

  covers(x: number, y: number): boolean {
    return (
      this.bc.at(x, y) + this.bc.bias >= 0 &&
      this.ca.at(x, y) + this.ca.bias >= 0 &&
      this.ab.at(x, y) + this.ab.bias >= 0
    )
  }

  weight1(x: number, y: number): number {
    return f(f(this.ca.at(x, y)) * this.inverseArea)
  }

  weight2(x: number, y: number): number {
    return f(f(this.ab.at(x, y)) * this.inverseArea)
  }
}

export function triangleSetup(): Triangle {
  return new TriangleSetup()
}

/** Sets `triangle` to number `t` of the mesh; false when it draws nothing (no area, not finite, too far away). */
export function setUp({ vertices, triangles }: MeshView, t: number, triangle: Triangle): boolean {
  const s = triangle as TriangleSetup
  ;[s.a, s.b, s.c] = [triangles[3 * t]!, triangles[3 * t + 1]!, triangles[3 * t + 2]!]
  for (const v of [s.a, s.b, s.c]) {
    const [x, y, z] = [vertices[3 * v]!, vertices[3 * v + 1]!, vertices[3 * v + 2]!]
    // The negated comparisons are false for NaN as well.
    if (!(Math.abs(x) <= MAX_COORDINATE && Math.abs(y) <= MAX_COORDINATE && Math.abs(z) < Infinity)) return false
  }
  const [ax, ay, bx, by, cx, cy] = [
    snap(vertices[3 * s.a]!),
    snap(vertices[3 * s.a + 1]!),
    snap(vertices[3 * s.b]!),
    snap(vertices[3 * s.b + 1]!),
    snap(vertices[3 * s.c]!),
    snap(vertices[3 * s.c + 1]!),
  ]
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
  if (area === 0) return false
  const sign = Math.sign(area)
  s.bc.set(bx, by, cx, cy, sign)
  s.ca.set(cx, cy, ax, ay, sign)
  s.ab.set(ax, ay, bx, by, sign)
  s.inverseArea = f(1 / f(Math.abs(area)))
  s.minX = Math.ceil(Math.min(ax, bx, cx) / SUBPIXEL)
  s.maxX = Math.floor(Math.max(ax, bx, cx) / SUBPIXEL)
  s.minY = Math.ceil(Math.min(ay, by, cy) / SUBPIXEL)
  s.maxY = Math.floor(Math.max(ay, by, cy) / SUBPIXEL)
  return true
}

function snap(coordinate: number): number {
  return Math.floor(coordinate * SUBPIXEL + 0.5)
}
