import { drawDisc, drawPoints, landmarkVisibility, pickLandmarks, type Rgb, writeNpy } from '@3ddfa/core'
import { encodePng } from '../png.ts'
import type { EndingOf } from './names.ts'
import type { Writer } from './writer.ts'

const SEEN: Rgb = [40, 200, 80]
const HIDDEN: Rgb = [230, 60, 50]

/**
 * Which vertices and landmarks the camera sees: drawn on the photo, the vertices as .npy [faces, n] of 0 and 1, the landmarks as
 * .json.
 */
export const visibilities: Writer<EndingOf<'visibility'>> = async (scene) => {
  const { surface, faces } = scene
  const image = scene.photo()
  const all = scene.visibilities()
  const landmarks = all.map((visible) => landmarkVisibility(surface.mesh, visible))
  faces.forEach((face, i) => {
    const vertices = surface.verticesOf(face)
    for (const [value, color] of [
      [0, HIDDEN],
      [1, SEEN],
    ] as const)
      drawPoints(image, pick(vertices, all[i]!, value), {
        color,
        alpha: 0.7,
        radius: Math.max(0.5, scene.faceSize(face) / 300),
      })
    const points = pickLandmarks(surface.mesh, vertices)
    landmarks[i]!.forEach((value, k) => {
      const [x, y] = [points[3 * k]!, points[3 * k + 1]!]
      const radius = Math.max(1.5, scene.faceSize(face) / 90)
      drawDisc(image, x, y, 1.4 * radius, [255, 255, 255])
      drawDisc(image, x, y, radius, value ? SEEN : HIDDEN)
    })
  })
  return [
    { suffix: '.png', data: await encodePng(image) },
    { suffix: '.npy', data: writeNpy(joined(all), [all.length, all[0]!.length]) },
    { suffix: '.json', data: `${JSON.stringify({ faces: landmarks.map((l, i) => entry(l, all[i]!)) })}\n` },
  ]
}

/** The points that have the value. */
function pick(vertices: Float32Array, values: Uint8Array, value: number): Float32Array {
  return vertices.filter((_, i) => values[Math.floor(i / 3)] === value)
}

function joined(all: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(all.length * all[0]!.length)
  all.forEach((visible, i) => {
    out.set(visible, i * visible.length)
  })
  return out
}

function entry(landmarks: Uint8Array, visible: Uint8Array): object {
  const seen = visible.reduce((sum, value) => sum + value, 0)
  return { landmarks: Array.from(landmarks), vertices: visible.length, seen }
}
