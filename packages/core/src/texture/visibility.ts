import type { RenderTarget } from '../backend.ts'

/**
 * Whether a surface point at (x, y, z) is seen: no surface in front of it at any of the four pixels around it, give or take
 * `tolerance` in z. A point outside the target is not seen.
 */
export function isVisible(target: RenderTarget, x: number, y: number, z: number, tolerance: number): boolean {
  const left = Math.floor(x) - target.x
  const top = Math.floor(y) - target.y
  let nearest = Infinity
  for (let row = top; row <= top + 1; row++)
    for (let column = left; column <= left + 1; column++) {
      if (column < 0 || row < 0 || column >= target.width || row >= target.height) continue
      const depth = target.depth[row * target.width + column]!
      // On a slope the four depths differ; the farthest of them is the one that must not lie in front.
      if (depth > -Infinity && depth < nearest) nearest = depth
    }
  return nearest < Infinity && z >= nearest - tolerance
}

/** Depth tolerance as a share of the mesh's own depth: what half a pixel of slope makes, and far less than nose to cheek. */
const TOLERANCE = 0.01

/** See `isVisible`: a hundredth of the mesh's depth range. */
export function depthTolerance(vertices: Float32Array): number {
  return TOLERANCE * depthRange(vertices)
}

/** Largest less smallest z. */
export function depthRange(vertices: Float32Array): number {
  let [near, far] = [-Infinity, Infinity]
  for (let i = 2; i < vertices.length; i += 3) {
    if (vertices[i]! > near) near = vertices[i]!
    if (vertices[i]! < far) far = vertices[i]!
  }
  return Math.max(0, near - far)
}
