import { expect } from '../errors.ts'
import type { Face } from '../face-aligner.ts'

/** What is drawn: faces with their dense vertices. */
export type DenseFace = Pick<Face, 'vertices'>

/** @throws {InvalidInputError} when the face was aligned without `dense: true`. */
export function verticesOf(face: DenseFace): Float32Array {
  expect(face.vertices !== undefined, 'face.vertices', 'dense vertices (align with `dense: true`)', undefined)
  return face.vertices
}
