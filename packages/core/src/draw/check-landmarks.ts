import { expect } from '../errors.ts'

/** @throws {InvalidInputError} unless they are 68 points. */
export function checkLandmarks(landmarks: Float32Array): void {
  expect(landmarks?.length === 204, 'landmarks', '204 numbers (68 x y z)', landmarks)
}
