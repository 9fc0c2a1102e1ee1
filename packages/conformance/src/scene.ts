import type { MeshView } from '@3ddfa/core'
import { seeded } from './seeded.ts'

/** A coloured mesh before a picture. */
export interface Scene {
  readonly name: string
  readonly mesh: MeshView
  /** [3n] vertex colours; a few lie outside [0, 1] on purpose. */
  readonly colors: Float32Array
  /** Size of the picture in pixels. */
  readonly width: number
  readonly height: number
}

/** A scene of `vertices` [n] of x y z; every three vertices are a triangle unless `triangles` says otherwise. */
export function scene(
  name: string,
  vertices: readonly (readonly [number, number, number])[],
  triangles?: readonly number[],
  size: readonly [number, number] = [64, 48],
): Scene {
  const indices = triangles ?? vertices.map((_, i) => i)
  return sceneOf(name, { vertices: Float32Array.from(vertices.flat()), triangles: Uint32Array.from(indices) }, size)
}

export function sceneOf(name: string, mesh: MeshView, [width, height]: readonly [number, number]): Scene {
  const { between } = seeded(mesh.vertices.length)
  return { name, mesh, colors: Float32Array.from(mesh.vertices, () => between(-0.2, 1.2)), width, height }
}
