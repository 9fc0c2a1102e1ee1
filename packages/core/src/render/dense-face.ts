import { expect } from '../errors.ts'
import type { Face } from '../face-aligner.ts'
import { isTransferred } from '../transferred.ts'

/** What is drawn: faces with their dense vertices. */
export type DenseFace = Pick<Face, 'vertices'>

/** @throws {InvalidInputError} when the face was aligned without `dense: true`, or its vertices were transferred. */
export function verticesOf({ vertices }: DenseFace): Float32Array {
  const isHere = vertices !== undefined && !isTransferred(vertices)
  expect(isHere, 'face.vertices', 'dense vertices (align with `dense: true`)', vertices)
  return vertices
}
