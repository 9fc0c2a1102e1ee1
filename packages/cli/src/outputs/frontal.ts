import { frontalVertices, poseFromVertices, spatialBounds, textureColors, vertexColors, writeObj } from '@3ddfa/core'
import type { Scene } from './scene.ts'
import type { Writer } from './writer.ts'

/** Free space between faces, pixels of the photo. */
const GAP = 20

/**
 * The faces turned to the front, side by side in one .obj, as large as in the photo and with its colours; what the camera does
 * not see as --hidden says.
 */
export const frontalMesh: Writer<'.obj'> = async (scene) => {
  let left = 0
  const { obj, hidden } = scene.settings
  const meshes = scene.faces.map((face, i) => {
    const vertices = scene.surface.verticesOf(face)
    const { vertices: turned, width } = placeAt(left, turnToFront(scene, vertices))
    left += width + GAP
    const colors =
      obj === 'plain'
        ? undefined
        : hidden === 'keep'
          ? vertexColors(scene.image, vertices)
          : textureColors(scene.textures('mesh')[i]!, scene.surface.mesh.uv)
    return { vertices: turned, triangles: scene.surface.mesh.triangles, ...(colors && { colors }) }
  })
  return [{ suffix: '.obj', data: writeObj(meshes, { height: 0 }).obj }]
}

/** In pixels of the photo. */
function turnToFront({ surface }: Scene, vertices: Float32Array): Float32Array {
  const { scale } = poseFromVertices(vertices, surface.canonical)
  return frontalVertices(vertices, surface.canonical).map((value) => scale * value)
}

/** Moved so that x starts at `left`, y ends at 0 and the farthest z is 0. */
function placeAt(left: number, vertices: Float32Array): { vertices: Float32Array; width: number } {
  const { low, high } = spatialBounds(vertices)
  const shift = [left - low[0]!, -high[1]!, -low[2]!]
  return { vertices: vertices.map((value, i) => value + shift[i % 3]!), width: high[0]! - low[0]! }
}
