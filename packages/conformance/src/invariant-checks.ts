import type { Backend, MeshView } from '@3ddfa/core'
import { type Check, emptyTarget, rasterized } from './check.ts'
import type { Scene } from './scene.ts'
import { type Seeded, seeded } from './seeded.ts'
import { solidScenes, sphere } from './solid-scenes.ts'

/** What is true of every right rasteriser, whatever the reference says. */
export function invariantChecks(): Check[] {
  return [
    { name: 'a quad of two triangles covers each pixel once', run: (backend) => quads(backend) },
    { name: 'a fan covers each pixel once', run: (backend) => fans(backend) },
    { name: 'a closed mesh has no pinholes', run: (backend) => pinholes(backend) },
    { name: 'the order of drawing does not matter', run: (backend) => orders(backend, solidScenes()) },
  ]
}

const [WIDTH, HEIGHT] = [48, 40]

/** How many of the triangles, each drawn alone, cover each pixel. */
function coverage(backend: Backend, vertices: number[], triangles: number[]): Uint8Array {
  const hits = new Uint8Array(WIDTH * HEIGHT)
  for (let t = 0; t < triangles.length; t += 3) {
    const mesh = {
      vertices: Float32Array.from(vertices),
      triangles: Uint32Array.from(triangles.slice(t, t + 3)),
    }
    const { triangleIds } = rasterized(backend, mesh, emptyTarget(WIDTH, HEIGHT))
    triangleIds.forEach((id, i) => {
      if (id >= 0) hits[i]!++
    })
  }
  return hits
}

/** Corners on multiples of 1/4 pixel, so that edges often run through pixel centres; both diagonals and windings. */
function quads(backend: Backend): string | undefined {
  const random = seeded(5)
  for (let round = 0; round < 60; round++) {
    const corners = convexQuad(random)
    for (const diagonal of [
      [0, 1, 2, 0, 2, 3],
      [1, 2, 3, 3, 1, 0],
    ]) {
      const hits = coverage(backend, corners, diagonal)
      const other = coverage(backend, corners, [0, 1, 2, 0, 2, 3])
      const wrong = hits.findIndex((hit, i) => hit > 1 || hit !== other[i])
      if (wrong >= 0)
        return `quad ${corners.join(' ')}: pixel (${wrong % WIDTH}, ${Math.floor(wrong / WIDTH)}) is covered ${hits[wrong]} times`
    }
  }
  return undefined
}

function convexQuad({ between }: Seeded): number[] {
  const at = (low: number, high: number): number => Math.round(between(low, high) * 4) / 4
  return [at(2, 14), at(2, 12), 1, at(30, 45), at(2, 12), 1, at(30, 45), at(26, 38), 1, at(2, 14), at(26, 38), 1]
}

/** A whole turn of triangles around a point leaves no pixel out of the point's neighbourhood, and none twice. */
function fans(backend: Backend): string | undefined {
  for (let count = 3; count < 14; count++) {
    const [cx, cy] = [24, 20]
    const rim = Array.from({ length: count }, (_, i) => {
      const angle = (2 * Math.PI * i) / count
      return [cx + 18 * Math.cos(angle), cy + 18 * Math.sin(angle), 1]
    })
    const triangles = rim.flatMap((_, i) => [0, i + 1, ((i + 1) % count) + 1])
    const hits = coverage(backend, [cx, cy, 1, ...rim.flat()], triangles)
    const wrong = hits.findIndex((hit, i) => {
      const near = Math.hypot((i % WIDTH) - cx, Math.floor(i / WIDTH) - cy) < 8
      return hit > 1 || (near && hit !== 1)
    })
    if (wrong >= 0)
      return `fan of ${count}: pixel (${wrong % WIDTH}, ${Math.floor(wrong / WIDTH)}) is covered ${hits[wrong]} times`
  }
  return undefined
}

/** The picture of a sphere is convex: between the first and the last covered pixel of a row or column none is empty. */
function pinholes(backend: Backend): string | undefined {
  for (const [rings, radius] of [
    [12, 55],
    [40, 57.3],
    [160, 58],
  ] as const) {
    const size = 128
    const { triangleIds } = rasterized(backend, sphere(63.2, 62.9, radius, rings), emptyTarget(size, size))
    for (const [stride, step] of [
      [size, 1],
      [1, size],
    ] as const)
      for (let line = 0; line < size; line++) {
        const covered = Array.from({ length: size }, (_, i) => triangleIds[line * stride + i * step]! >= 0)
        const hole = covered.indexOf(false, covered.indexOf(true))
        if (covered.includes(true) && hole >= 0 && hole < covered.lastIndexOf(true))
          return `sphere of ${rings} rings: pixel ${hole} of line ${line} is empty`
      }
    const pixels = triangleIds.reduce((sum, id) => sum + Number(id >= 0), 0)
    const area = Math.PI * radius ** 2
    if (Math.abs(pixels / area - 1) > 0.05) return `sphere of ${rings} rings: ${pixels} pixels instead of about ${area}`
  }
  return undefined
}

/** Drawn backwards, every pixel shows the same triangle at the same depth. */
function orders(backend: Backend, scenes: readonly Scene[]): string | undefined {
  for (const { name, mesh, width, height } of scenes) {
    const count = mesh.triangles.length / 3
    const forward = rasterized(backend, mesh, emptyTarget(width, height))
    const backward = rasterized(backend, reversed(mesh), emptyTarget(width, height))
    const wrong = forward.depth.findIndex((depth, i) => {
      const id = backward.triangleIds[i]!
      return depth !== backward.depth[i] || forward.triangleIds[i] !== (id < 0 ? -1 : count - 1 - id)
    })
    if (wrong >= 0) return `${name}: pixel (${wrong % width}, ${Math.floor(wrong / width)}) depends on the order`
  }
  return undefined
}

function reversed({ vertices, triangles }: MeshView): MeshView {
  const count = triangles.length / 3
  return { vertices, triangles: triangles.map((_, i) => triangles[3 * (count - 1 - Math.floor(i / 3)) + (i % 3)]!) }
}
