import type { RenderTarget } from '../backend.ts'
import type { ImageView } from '../image.ts'
import { eachMeshPixel } from './render-textured.ts'

/** A photograph, and where the vertices [3n] of a mesh are in it, pixels. */
export interface MeshInPhotograph {
  readonly image: ImageView
  readonly vertices: Float32Array
}

/**
 * Calls `visit` for each pixel of the target that shows the mesh, with the place in the photograph where the same skin is.
 * @param placed [3n] the mesh as it was drawn into the target
 * @param firstId of its triangles there
 */
export function eachPhotographPlace(
  target: RenderTarget,
  placed: Float32Array,
  triangles: Uint32Array,
  firstId: number,
  { vertices }: MeshInPhotograph,
  visit: (i: number, x: number, y: number) => void,
): void {
  eachMeshPixel(target, placed, triangles, firstId, (column, row, t, w0, w1, w2) => {
    const place = (k: number): number =>
      w0 * vertices[3 * triangles[t]! + k]! +
      w1 * vertices[3 * triangles[t + 1]! + k]! +
      w2 * vertices[3 * triangles[t + 2]! + k]!
    visit((row - target.y) * target.width + column - target.x, place(0), place(1))
  })
}
