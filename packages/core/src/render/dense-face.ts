import { expect, expectObject } from '../errors.ts'
import type { Face } from '../face-aligner.ts'
import { isTransferred } from '../transferred.ts'

/** What is drawn: faces with their dense vertices. */
export type DenseFace = Pick<Face, 'vertices'>

/** @throws {InvalidInputError} unless they are a list: one face may be given in place of several. */
export function checkFaces(faces: readonly DenseFace[]): void {
  expect(Array.isArray(faces), 'faces', 'a list of faces', faces)
  faces.forEach((face, i) => {
    expectObject(face, `faces[${i}]`, 'a face')
  })
}

/** @throws {InvalidInputError} unless it is a face: `faces[0]` is none where no face was found. */
export function checkFace(face: Pick<Face, 'landmarks' | 'pose'>): void {
  expectObject(face, 'face', 'a face')
  const { landmarks, pose } = face
  expect(landmarks?.length === 204, 'face.landmarks', '204 numbers (68 x y z)', landmarks)
  expect(pose?.rotation?.length === 9, 'face.pose', 'a head pose', pose)
}

/** @throws {InvalidInputError} when the face was aligned without `dense: true`, or its vertices were transferred. */
export function verticesOf({ vertices }: DenseFace): Float32Array {
  const isHere = vertices !== undefined && !isTransferred(vertices)
  expect(isHere, 'face.vertices', 'dense vertices (align with `dense: true`)', vertices)
  return vertices
}
