import { expect, expectObject } from './errors.ts'
import type { Face } from './face-aligner.ts'

/** @throws {InvalidInputError} unless they are a list: one face may be given in place of several. */
export function checkFaces(faces: readonly object[]): void {
  expect(Array.isArray(faces), 'faces', 'a list of faces', faces)
  faces.forEach((face, i) => {
    expectObject(face, `faces[${i}]`, 'a face')
  })
}

/** @throws {InvalidInputError} unless it is a face: `faces[0]` is none where no face was found. */
export function checkFace(face: Pick<Face, 'landmarks' | 'pose'>): void {
  expectObject(face, 'face', 'a face')
  const { landmarks, pose } = face
  checkLandmarks(landmarks, 'face.landmarks')
  expect(pose?.rotation?.length === 9, 'face.pose', 'a head pose', pose)
}

/** @throws {InvalidInputError} unless they are 68 points. */
export function checkLandmarks(landmarks: Float32Array, name = 'landmarks'): void {
  expect(landmarks?.length === 204, name, '204 numbers (68 x y z)', landmarks)
}
