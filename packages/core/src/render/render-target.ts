import type { RenderTarget } from '../backend.ts'

/**
 * An empty target over the part of a picture that the meshes ([3n] vertices each) cover: their bounding box, clipped. Of no
 * size when none of them reaches into the picture. Non-finite vertices are passed over.
 */
export function createRenderTarget(
  picture: { readonly width: number; readonly height: number },
  meshes: readonly Float32Array[],
): RenderTarget {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const vertices of meshes)
    for (let i = 0; i < vertices.length; i += 3) {
      const x = vertices[i]!
      const y = vertices[i + 1]!
      if (x < x1) x1 = x
      if (x > x2) x2 = x
      if (y < y1) y1 = y
      if (y > y2) y2 = y
    }
  const left = Math.max(0, Math.floor(x1))
  const top = Math.max(0, Math.floor(y1))
  const width = Math.max(0, Math.min(picture.width - 1, Math.ceil(x2)) - left + 1)
  const height = Math.max(0, Math.min(picture.height - 1, Math.ceil(y2)) - top + 1)
  const empty = !(width > 0 && height > 0)
  const size = empty ? 0 : width * height
  const depth = new Float32Array(size).fill(-Infinity)
  const triangleIds = new Int32Array(size).fill(-1)
  return empty
    ? { x: 0, y: 0, width: 0, height: 0, depth, triangleIds }
    : { x: left, y: top, width, height, depth, triangleIds }
}
