import { isArrayOf } from '../arrays.ts'
import type { Backend, MeshView } from '../backend.ts'
import { checkBackend, checkMeshView } from '../backend-arguments.ts'
import { expect } from '../errors.ts'
import { checkPicture } from '../image.ts'
import { boundingBox, boxesOverlap } from '../render/render-target.ts'
import { TriangleGrid } from './triangle-grid.ts'
import { depthRange } from './visibility.ts'

export interface VisibilityOptions {
  /** Other meshes of the picture that may stand in front, for example its other faces. */
  readonly occluders?: readonly MeshView[] | undefined
  /** How far in front a surface must lie to hide a vertex, as a share of the mesh's depth range, from 0; 0.001 unless given. */
  readonly margin?: number | undefined
}

/** Of a face 200 pixels deep: a fifth of a pixel. Closed lips, which cut into each other, hide each other from there on. */
export const VISIBILITY_DEFAULTS = { margin: 0.001 } as const

/**
 * [n] 1 for the vertices of a mesh that are seen in a picture of this size: inside it, facing the viewer, and with nothing
 * in front on their viewing ray. Each vertex has a ray of its own, so the answer depends on no pixel grid, and equals a test
 * against every triangle.
 * @throws {InvalidInputError} for a margin below 0.
 */
export function vertexVisibility(
  mesh: MeshView,
  picture: { readonly width: number; readonly height: number },
  backend: Backend,
  options: VisibilityOptions = {},
): Uint8Array {
  checkPicture(picture)
  checkMeshView(mesh)
  checkBackend(backend)
  const { occluders = [], margin = VISIBILITY_DEFAULTS.margin } = options
  expect(margin >= 0 && margin < Infinity, 'margin', 'a number from 0', margin)
  const { vertices } = mesh
  const normals = backend.vertexNormals(mesh)
  const box = boundingBox(vertices)
  const near = occluders.filter((occluder) => boxesOverlap(boundingBox(occluder.vertices), box))
  const grid = new TriangleGrid([mesh, ...near])
  const distance = margin * depthRange(vertices)
  const visible = new Uint8Array(vertices.length / 3)
  for (let i = 0; i < visible.length; i++) {
    const x = vertices[3 * i]!
    const y = vertices[3 * i + 1]!
    if (!(normals[3 * i + 2]! > 0 && isInside(picture, x, y))) continue
    visible[i] = grid.covers(x, y, vertices[3 * i + 2]!, distance) ? 0 : 1
  }
  return visible
}

/** Pixels reach half a pixel around their centres. */
function isInside(
  { width, height }: { readonly width: number; readonly height: number },
  x: number,
  y: number,
): boolean {
  return x >= -0.5 && y >= -0.5 && x <= width - 0.5 && y <= height - 0.5
}

/**
 * [68] 1 for the landmarks that are seen: the vertex itself, or at least half of its neighbours. Corners of eyes and lips lie in folds
 * that hide one vertex amid skin that is seen.
 * @param visible [n] `vertexVisibility` of the mesh
 */
export function landmarkVisibility(
  { landmarks, triangles }: { readonly landmarks: Uint32Array; readonly triangles: Uint32Array },
  visible: Uint8Array,
): Uint8Array {
  expect(isArrayOf(visible, 'Uint8Array'), 'visible', 'a Uint8Array, one number a vertex,', visible)
  const neighbours = new Map(Array.from(landmarks, (vertex) => [vertex, new Set<number>()]))
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = triangles.subarray(t, t + 3)
    for (const vertex of corners) {
      const ring = neighbours.get(vertex)
      if (ring) for (const other of corners) if (other !== vertex) ring.add(other)
    }
  }
  return Uint8Array.from(landmarks, (vertex) => {
    if (visible[vertex]) return 1
    const ring = [...neighbours.get(vertex)!]
    return ring.length > 0 && 2 * ring.filter((other) => visible[other]).length >= ring.length ? 1 : 0
  })
}
