import { checkFloats } from '../arrays.ts'
import type { MeshView, RenderTarget } from '../backend.ts'
import { checkFirstId, checkOpacity, checkTarget } from '../backend-arguments.ts'
import { checkImage, type ImageView } from '../image.ts'
import { setUp, type Triangle, triangleSetup } from './triangle.ts'

const f = Math.fround

/** Depth and triangle ids; see `Backend.rasterize` and README.md for the rule. */
export function rasterize(mesh: MeshView, target: RenderTarget, firstId: number): void {
  checkTarget(target)
  checkFirstId(mesh, firstId)
  const triangle = triangleSetup()
  for (let t = 0; t < mesh.triangles.length / 3; t++)
    if (setUp(mesh, t, triangle)) rasterizeTriangle(mesh, triangle, target, firstId + t)
}

function rasterizeTriangle({ vertices }: MeshView, triangle: Triangle, target: RenderTarget, id: number): void {
  const [z0, z1, z2] = [vertices[3 * triangle.a + 2]!, vertices[3 * triangle.b + 2]!, vertices[3 * triangle.c + 2]!]
  const [dz1, dz2] = [f(z1 - z0), f(z2 - z0)]
  const x1 = Math.max(triangle.minX, target.x)
  const x2 = Math.min(triangle.maxX, target.x + target.width - 1)
  const y1 = Math.max(triangle.minY, target.y)
  const y2 = Math.min(triangle.maxY, target.y + target.height - 1)
  for (let y = y1; y <= y2; y++)
    for (let x = x1; x <= x2; x++) {
      if (!triangle.covers(x, y)) continue
      const z = f(f(z0 + f(dz1 * triangle.weight1(x, y))) + f(dz2 * triangle.weight2(x, y)))
      const at = (y - target.y) * target.width + x - target.x
      const depth = target.depth[at]!
      // Equal depth: the lower id stays, whatever the order of drawing.
      if (z > depth || (z === depth && id < target.triangleIds[at]!)) {
        target.depth[at] = z
        target.triangleIds[at] = id
      }
    }
}

/** Colours of visible pixels; see `Backend.shade`. */
export function shade(
  mesh: MeshView,
  colors: Float32Array,
  target: RenderTarget,
  image: ImageView,
  opacity: number,
  firstId: number,
): void {
  checkTarget(target)
  checkImage(image)
  checkFloats(colors, mesh.vertices.length, 'colors')
  checkOpacity(opacity)
  checkFirstId(mesh, firstId)
  const triangle = triangleSetup()
  const count = mesh.triangles.length / 3
  let current = -1
  let drawn = false
  for (let row = 0; row < target.height; row++)
    for (let column = 0; column < target.width; column++) {
      const t = target.triangleIds[row * target.width + column]! - firstId
      const [x, y] = [column + target.x, row + target.y]
      if (t < 0 || t >= count || x < 0 || y < 0 || x >= image.width || y >= image.height) continue
      if (t !== current) drawn = setUp(mesh, t, triangle)
      current = t
      if (drawn) paint(image, x, y, colors, triangle, opacity)
    }
}

function paint(
  image: ImageView,
  x: number,
  y: number,
  colors: Float32Array,
  triangle: Triangle,
  opacity: number,
): void {
  const at = (y * image.width + x) * image.channels
  const [w1, w2, mix] = [triangle.weight1(x, y), triangle.weight2(x, y), f(opacity)]
  for (let k = 0; k < 3; k++) {
    const c0 = colors[3 * triangle.a + k]!
    const c = f(f(c0 + f(f(colors[3 * triangle.b + k]! - c0) * w1)) + f(f(colors[3 * triangle.c + k]! - c0) * w2))
    const value = f((c > 0 ? Math.min(c, 1) : 0) * 255)
    const mixed = mix === 1 ? value : f(image.data[at + k]! + f(f(value - image.data[at + k]!) * mix))
    image.data[at + k] = Math.floor(f(mixed + 0.5))
  }
  if (image.channels === 4) image.data[at + 3] = 255
}
