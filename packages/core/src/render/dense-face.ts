import { expect } from '../errors.ts'
import type { Face } from '../face-aligner.ts'

/** What is drawn: faces with their dense vertices. */
export type DenseFace = Pick<Face, 'vertices'>

/** @throws {InvalidInputError} unless they are a list: one face may be given in place of several. */
export function checkFaces(faces: readonly DenseFace[]): void {
  expect(Array.isArray(faces), 'faces', 'a list of faces', faces)
}

/** @throws {InvalidInputError} when the face was aligned without `dense: true`. */
export function verticesOf(face: DenseFace): Float32Array {
  expect(face.vertices !== undefined, 'face.vertices', 'dense vertices (align with `dense: true`)', undefined)
  return face.vertices
}
