import { writeNpy } from '@3ddfa/core'
import type { Writer } from './writer.ts'

/** The 68 landmarks: float32 [faces, 68, 3], pixels of the picture. */
export const landmarkArray: Writer<'.npy'> = async ({ faces }) => array(faces.map(({ landmarks }) => landmarks))

/** The dense vertices: float32 [faces, n, 3], pixels of the picture. */
export const vertexArray: Writer<'.npy'> = async ({ surface, faces }) =>
  array(faces.map((face) => surface.verticesOf(face)))

function array(points: readonly Float32Array[]): ReturnType<Writer<'.npy'>> {
  const size = points[0]!.length
  const all = new Float32Array(points.length * size)
  points.forEach((each, i) => {
    all.set(each, i * size)
  })
  return Promise.resolve([{ suffix: '.npy', data: writeNpy(all, [points.length, size / 3, 3]) }])
}
