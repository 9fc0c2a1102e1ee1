import type { RenderTarget } from '../backend.ts'
import { distanceToEdge } from './distance-to-edge.ts'
import { enclosedByMesh } from './enclosed-pixels.ts'

/** Where the depth falls by more than this in the last pixel before the background, the surface turns away (56 degrees). */
const STEEP = 1.5
/** A step of this share of the face's depth between two pixels is an edge: of a nose before a cheek. */
const STEP = 0.1

/**
 * [width * height] distance in pixels from each pixel of a z-buffer to the nearest contour: where the surface turns away and the
 * background begins, or where one part of it stands before another. The rim of an open mesh that faces the viewer is none (beyond
 * it the skin goes on), nor are the edges of an open mouth. 0 on contours, Infinity where there is none.
 * @param depthRange of the face, pixels
 * @param rim [triangles] 1 for those along the mesh's border, which stand before nothing that counts: lips before lips. The
 * target's ids may count the triangles of several faces of that mesh.
 */
export function distanceToContour(target: RenderTarget, depthRange: number, rim: Uint8Array): Float32Array {
  const { width, height, depth, triangleIds } = target
  const inner = enclosedByMesh(target)
  const off = new Uint8Array(depth.length).fill(1)
  const isEdge = (a: number, b: number): boolean =>
    Math.abs(depth[a]! - depth[b]!) > STEP * depthRange &&
    !rim[triangleIds[depth[a]! > depth[b]! ? a : b]! % rim.length]
  /** Of neighbours a and b, with what lies before and behind them. */
  const mark = (before: number, a: number, b: number, behind: number): void => {
    if (inner[a] || inner[b]) return
    const [isFace, isFaceToo] = [triangleIds[a]! >= 0, triangleIds[b]! >= 0]
    if (!(isFace && isFaceToo ? isEdge(a, b) : isFace ? turns(depth, before, a) : isFaceToo && turns(depth, behind, b)))
      return
    off[a] = 0
    off[b] = 0
  }
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      if (x + 1 < width) mark(x > 0 ? i - 1 : i, i, i + 1, x + 2 < width ? i + 2 : i + 1)
      if (y + 1 < height) mark(y > 0 ? i - width : i, i, i + width, y + 2 < height ? i + 2 * width : i + width)
    }
  return distanceToEdge(off, width, height, 'inside')
}

/** Whether the surface falls steeply on its way to its last pixel. */
function turns(depth: Float32Array, inward: number, last: number): boolean {
  return depth[inward]! - depth[last]! > STEEP
}
