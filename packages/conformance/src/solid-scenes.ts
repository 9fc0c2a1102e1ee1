import type { MeshView } from '@3ddfa/core'
import { type Scene, scene, sceneOf } from './scene.ts'
import { seeded } from './seeded.ts'

/** Scenes of many triangles: soups of several sizes and a closed sphere. */
export function solidScenes(): Scene[] {
  return [
    soup('a soup of large triangles', 1, 300, 60),
    soup('a soup of small triangles', 2, 4000, 4),
    soup('a soup of triangles below a pixel', 3, 20000, 0.8),
    sceneOf('a closed sphere', sphere(40.3, 31.7, 25.9, 48), [80, 64]),
  ]
}

function soup(name: string, seed: number, count: number, size: number): Scene {
  const { between } = seeded(seed)
  const points = Array.from({ length: count }, () => {
    const [x, y, z] = [between(-8, 104), between(-8, 72), between(0, 50)]
    const corner = (): [number, number, number] => [
      x + between(-size, size),
      y + between(-size, size),
      z + between(-size, size),
    ]
    return [corner(), corner(), corner()]
  })
  return scene(name, points.flat(), undefined, [96, 64])
}

/** A sphere of `rings` x 2 `rings` facets around (x, y), closed: each edge has two triangles. */
export function sphere(x: number, y: number, radius: number, rings: number): MeshView {
  const around = 2 * rings
  const vertices: number[] = []
  for (let i = 0; i <= rings; i++)
    for (let j = 0; j < around; j++) {
      const [tilt, turn] = [(i * Math.PI) / rings, (j * Math.PI) / rings]
      const ring = Math.sin(tilt) * radius
      vertices.push(x + ring * Math.cos(turn), y + Math.cos(tilt) * radius, radius + ring * Math.sin(turn))
    }
  const triangles: number[] = []
  for (let i = 0; i < rings; i++)
    for (let j = 0; j < around; j++) {
      const [a, b] = [i * around + j, i * around + ((j + 1) % around)]
      triangles.push(a, b, b + around, a, b + around, a + around)
    }
  return { vertices: Float32Array.from(vertices), triangles: Uint32Array.from(triangles) }
}
