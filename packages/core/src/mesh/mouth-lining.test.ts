import { WebIO } from '@gltf-transform/core'
import { describe, expect, it } from 'vitest'
import { writeGlb } from '../gltf/write-glb.ts'
import { createImage } from '../image.ts'
import { mouthColors } from '../texture/mouth-colors.ts'
import { toyFace, withMouth } from '../toy-face.ts'
import { boundaryLoops } from './boundary-loops.ts'
import { createMouthLining, liningPlaces, liningVertices } from './mouth-lining.ts'

const closed = toyFace({ cx: 100, cy: 100 })
const { model, vertices, open } = withMouth(closed)
const lining = createMouthLining(model, model.mean)!

/** Corners of a mesh's triangle. */
const corners = (v: Float32Array, triangles: Uint32Array, t: number) =>
  [0, 1, 2].map((k) => [...v.subarray(3 * triangles[t + k]!, 3 * triangles[t + k]! + 3)]) as [
    number[],
    number[],
    number[],
  ]

/** The z of a triangle's normal, times its area. */
function towards(v: Float32Array, triangles: Uint32Array, t: number): number {
  const [a, b, c] = corners(v, triangles, t)
  return (b[0]! - a[0]!) * (c[1]! - a[1]!) - (b[1]! - a[1]!) * (c[0]! - a[0]!)
}

describe('openings of a mesh', () => {
  it('are its outline and its mouth, each once around', () => {
    const loops = boundaryLoops(model.triangles).sort((a, b) => b.length - a.length)
    expect(loops.map((loop) => new Set(loop).size)).toEqual(loops.map((loop) => loop.length))
    expect(loops).toHaveLength(2)
    expect(loops[0]).toHaveLength(160)
    expect(boundaryLoops(Uint32Array.of(0, 1, 2, 0, 2, 3))).toEqual([[0, 1, 2, 3]])
    expect(boundaryLoops(new Uint32Array(0))).toEqual([])
  })

  it('that meet in a vertex are left out', () => {
    expect(boundaryLoops(Uint32Array.of(0, 1, 2, 0, 3, 4))).toEqual([])
  })
})

describe("a mouth's lining", () => {
  it('begins on the rim and lies behind it, wound as the mesh', () => {
    const places = liningPlaces(lining, open(12))
    const made = liningVertices(lining, open(12))
    const [rim] = boundaryLoops(model.triangles).sort((a, b) => a.length - b.length)
    const has = (points: Float32Array, v: number) =>
      Array.from({ length: lining.vertexCount }, (_, i) => i).some((i) =>
        [0, 1, 2].every((k) => Math.abs(points[3 * i + k]! - open(12)[3 * v + k]!) < 1e-4),
      )
    for (const vertex of rim!) expect(has(made, vertex)).toBe(true)
    let deepest = 0
    for (let i = 0; i < lining.vertexCount; i++) {
      expect(made[3 * i + 2]!).toBeLessThanOrEqual(places[3 * i + 2]! + 1e-4)
      deepest = Math.max(deepest, places[3 * i + 2]! - made[3 * i + 2]!)
    }
    expect(deepest).toBeGreaterThan(1)
    const sign = Math.sign(towards(vertices, model.triangles, 0))
    for (let t = 0; t < lining.triangles.length; t += 3)
      expect(sign * towards(made, lining.triangles, t)).toBeGreaterThan(-1e-3)
  })

  it('is linear: it follows morph targets', () => {
    const [shut, wide] = [liningVertices(lining, vertices), liningVertices(lining, open(20))]
    const moved = liningVertices(
      lining,
      open(20).map((v, i) => v - vertices[i]!),
    )
    shut.forEach((v, i) => {
      expect(v + moved[i]!).toBeCloseTo(wide[i]!, 3)
    })
  })

  it('is none where the mesh is closed, or its opening is no mouth', () => {
    expect(createMouthLining({ ...model, triangles: closed.model.triangles }, model.mean)).toBeUndefined()
    // Inner lips elsewhere on the face.
    const away = model.landmarks.slice()
    for (let k = 60; k < 68; k++) away[k] = model.landmarks[k]! - 15 * 41
    expect(createMouthLining({ ...model, landmarks: away }, model.mean)).toBeUndefined()
  })

  it('refuses what does not belong together', () => {
    expect(() => createMouthLining(model, model.mean.subarray(0, 30))).toThrow(
      '68 landmarks and triangles of 10 vertices',
    )
    expect(() => liningVertices(lining, vertices.subarray(3))).toThrow(`${vertices.length} numbers for vertices`)
  })

  it('shows what the photograph has between open lips, dark where they are closed or turned away', () => {
    const picture = createImage(220, 220)
    picture.data.fill(200)
    const rows = (v: Float32Array) => {
      const colors = mouthColors(picture, v, lining, model)
      const deepest = Math.max(...lining.depths)
      return Array.from(colors, (c, i) => ({ c, depth: lining.depths[Math.floor(i / 3)]! / deepest }))
    }
    for (const { c } of rows(open(14))) expect(c).toBeCloseTo(200 / 255, 4)
    // The lip itself on the rim, half the way to the dark at 0.35 of the depth, and the dark from 0.7 on.
    for (const { c, depth } of rows(vertices))
      expect(c).toBeCloseTo(((1 - 0.78 * Math.min(1, depth / 0.7)) * 200) / 255, 4)
    const turned = open(14).map((v, i, all) => (i % 3 === 2 ? 4 * all[i - 2]! : v))
    for (const { c, depth } of rows(turned)) if (depth > 0.7) expect(c).toBeCloseTo((0.22 * 200) / 255, 4)
    expect(() => mouthColors(picture, vertices.subarray(3), lining, model)).toThrow('for vertices')
  })

  it('is a part of a .glb of its own, with colours and morph targets', async () => {
    const mesh = { vertices, triangles: model.triangles, uv: model.uv }
    const data = Uint8Array.of(137, 80, 78, 71)
    const mouth = new Float32Array(3 * lining.vertexCount).fill(0.5)
    const offsets = open(10).map((v, i) => v - vertices[i]!)
    const textures = [{ data, mimeType: 'image/png' as const, mouth }]
    const options = {
      picture: { width: 200, height: 200 },
      textures,
      targets: [[{ name: 'jaw', weight: 0.25, offsets }]],
    }
    const document = await new WebIO().readBinary(await writeGlb([mesh], { ...options, lining }))
    const [skin, inside] = document.getRoot().listMeshes()[0]!.listPrimitives()
    expect(inside!.getMaterial()!.getName()).toBe('mouth')
    expect(inside!.getIndices()!.getCount()).toBe(lining.triangles.length)
    expect(inside!.getAttribute('COLOR_0')!.getArray()![0]).toBeCloseTo(0.214, 3)
    const at = (primitive: typeof skin, v: number) => {
      const position = primitive!.getAttribute('POSITION')!.getElement(v, [])
      const moved = primitive!.listTargets()[0]!.getAttribute('POSITION')!.getElement(v, [])
      return position.map((value, k) => value + moved[k]!)
    }
    // Open, its first vertex is still the corner of the lips.
    at(inside, 0).forEach((value, k) => {
      expect(value).toBeCloseTo(at(skin, lining.sources[0]!)[k]!, 5)
    })
    await expect(
      writeGlb([mesh], { ...options, lining, textures: [{ ...textures[0]!, mouth: new Float32Array(3) }] }),
    ).rejects.toThrow('numbers for mouth')
  })
})
