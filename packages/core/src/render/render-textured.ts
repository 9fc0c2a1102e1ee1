import { checkFloats } from '../arrays.ts'
import type { Backend, RenderTarget } from '../backend.ts'
import { checkImage, type ImageView } from '../image.ts'
import { sampleBilinear } from '../texture/sample.ts'
import { checkUvMesh, type UvMesh } from '../texture/uv-mesh.ts'
import { createRenderTarget, targetInside } from './render-target.ts'

export interface TexturedOptions {
  /** A target that holds this mesh and whatever may cover it; its own is made unless given. */
  readonly target?: RenderTarget | undefined
  /** Id of the mesh's first triangle in `target`; 0 unless given. */
  readonly firstId?: number | undefined
}

/** Draws a mesh ([3n] vertices, picture pixels) with its texture onto `image`, in place, unlit. Alpha becomes 255. */
export function renderTextured(
  image: ImageView,
  vertices: Float32Array,
  mesh: UvMesh,
  texture: ImageView,
  backend: Backend,
  { target, firstId = 0 }: TexturedOptions = {},
): void {
  checkImage(image)
  checkImage(texture, 'texture')
  checkUvMesh(mesh)
  checkFloats(vertices, (3 * mesh.uv.length) / 2, 'vertices')
  const buffer = target ? targetInside(image, target) : createRenderTarget(image, [vertices])
  if (!target) backend.rasterize({ vertices, triangles: mesh.triangles }, buffer)
  const color = new Float32Array(3)
  eachTexturedPixel(buffer, vertices, mesh, firstId, (x, y, u, v) => {
    const at = (y * image.width + x) * image.channels
    sampleBilinear(texture, u * texture.width - 0.5, v * texture.height - 0.5, color, 0)
    for (let k = 0; k < 3; k++) image.data[at + k] = Math.floor(color[k]! + 0.5)
    if (image.channels === 4) image.data[at + 3] = 255
  })
}

/** Visits the pixels of a target that show the mesh, with their texture coordinates. */
export function eachTexturedPixel(
  target: RenderTarget,
  vertices: Float32Array,
  { triangles, uv }: UvMesh,
  firstId: number,
  visit: (x: number, y: number, u: number, v: number) => void,
): void {
  checkFloats(vertices, (3 * uv.length) / 2, 'vertices')
  eachMeshPixel(target, vertices, triangles, firstId, (x, y, t, w0, w1, w2) => {
    const a = triangles[t]!
    const b = triangles[t + 1]!
    const c = triangles[t + 2]!
    visit(
      x,
      y,
      w0 * uv[2 * a]! + w1 * uv[2 * b]! + w2 * uv[2 * c]!,
      w0 * uv[2 * a + 1]! + w1 * uv[2 * b + 1]! + w2 * uv[2 * c + 1]!,
    )
  })
}

/** Visits the pixels of a target that show the mesh: `t` is where the triangle begins in `triangles`, w0, w1, w2 weigh its corners. */
export function eachMeshPixel(
  { x: left, y: top, width, height, triangleIds }: RenderTarget,
  vertices: Float32Array,
  triangles: Uint32Array,
  firstId: number,
  visit: (x: number, y: number, t: number, w0: number, w1: number, w2: number) => void,
): void {
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const t = 3 * (triangleIds[row * width + column]! - firstId)
      if (t < 0 || t >= triangles.length) continue
      const a = triangles[t]!
      const b = triangles[t + 1]!
      const c = triangles[t + 2]!
      const [x, y] = [column + left, row + top]
      const bx = vertices[3 * b]! - vertices[3 * a]!
      const by = vertices[3 * b + 1]! - vertices[3 * a + 1]!
      const cx = vertices[3 * c]! - vertices[3 * a]!
      const cy = vertices[3 * c + 1]! - vertices[3 * a + 1]!
      const px = x - vertices[3 * a]!
      const py = y - vertices[3 * a + 1]!
      const area = bx * cy - by * cx
      // Seen edge-on by the exact coordinates, though not by the snapped ones: its first corner is as good as any.
      const w1 = area === 0 ? 0 : unit((px * cy - py * cx) / area)
      const w2 = area === 0 ? 0 : Math.min(unit((bx * py - by * px) / area), 1 - w1)
      visit(x, y, t, 1 - w1 - w2, w1, w2)
    }
}

/** Snapping lets a pixel's centre lie a little outside its triangle. */
const unit = (weight: number): number => Math.max(0, Math.min(1, weight))
