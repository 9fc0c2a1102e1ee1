import { ReferenceBackend } from '../reference/reference-backend.ts'
import { random } from '../testing.ts'
import { toyFace } from '../toy-face.ts'
import type { FaceMesh } from './face-mesh.ts'

/** The toy face as a mesh that has everything. */
export function toyMesh(): ReturnType<typeof toyFace> & { readonly mesh: FaceMesh } {
  const face = toyFace()
  const { model, vertices } = face
  const { triangles, uv } = model
  const colors = Float32Array.from({ length: 3 * model.vertexCount }, random(4))
  const normals = new ReferenceBackend().vertexNormals({ vertices, triangles })
  return { ...face, mesh: { vertices, triangles, colors, normals, uv } }
}

/** Whether triangles wind counter-clockwise seen from outside: their geometric normal points to the viewer here. */
export function windsOutwards(points: number[][], [a, b, c]: number[]): boolean {
  const [p, q, r] = [points[a!]!, points[b!]!, points[c!]!]
  return (q[0]! - p[0]!) * (r[1]! - p[1]!) - (q[1]! - p[1]!) * (r[0]! - p[0]!) > 0
}
