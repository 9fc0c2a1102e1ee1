import { describe, expect, it } from 'vitest'
import type { ImageView } from '../image.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { createRenderTarget } from '../render/render-target.ts'
import { toyFace } from '../toy-face.ts'
import { distanceToContour } from './contours.ts'
import { seenTexels } from './seen-texels.ts'
import { createUvChart } from './uv-chart.ts'
import { uvTexture } from './uv-texture.ts'
import { depthRange } from './visibility.ts'

const backend = new ReferenceBackend()
const picture = { width: 120, height: 100 }

/** Half as deep: 38 degrees at its rim. */
const flat = (vertices: Float32Array) => vertices.map((v, i) => (i % 3 === 2 ? v / 2 : v))

/** The distance at a place of the picture for a mesh like the toy face. */
function distances(vertices: Float32Array) {
  const { model } = toyFace()
  const target = createRenderTarget(picture, [vertices])
  backend.rasterize({ vertices, triangles: model.triangles }, target)
  const distance = distanceToContour(target, depthRange(vertices), new Uint8Array(model.triangles.length / 3))
  const edge = (y: number) => {
    const row = target.triangleIds.subarray((y - target.y) * target.width, (y - target.y + 1) * target.width)
    return target.x + row.findLastIndex((id) => id >= 0)
  }
  return { edge, at: (x: number, y: number) => distance[(y - target.y) * target.width + x - target.x]! }
}

describe('distanceToContour', () => {
  it('counts pixels from where the surface turns away', () => {
    // Turned to the right, the dome's top hides what lies behind it: a contour on the right, the open rim on the left.
    const { edge, at } = distances(toyFace({ yaw: 1.1 }).vertices)
    const right = edge(50)
    expect(at(right, 50)).toBe(0)
    for (const pixels of [1, 4, 9]) {
      expect(at(right - pixels, 50)).toBeGreaterThan(0.7 * pixels)
      expect(at(right - pixels, 50)).toBeLessThanOrEqual(pixels)
    }
  })

  it('knows no contour on a surface that ends facing the viewer', () => {
    const { at } = distances(flat(toyFace().vertices))
    expect(at(60, 50)).toBe(Infinity)
    expect(at(21, 50)).toBe(Infinity)
  })

  it('finds what stands before something else, unless it is the rim', () => {
    const { model, vertices: dome } = toyFace()
    const vertices = flat(dome)
    const behind = flat(toyFace({ cx: 90 }).vertices).map((v, i) => (i % 3 === 2 ? v - 300 : v))
    const target = createRenderTarget({ width: 200, height: 100 }, [vertices, behind])
    const count = model.triangles.length / 3
    backend.rasterize({ vertices, triangles: model.triangles }, target)
    backend.rasterize({ vertices: behind, triangles: model.triangles }, target, count)
    const at = (rim: number) => {
      const distance = distanceToContour(target, depthRange(vertices), new Uint8Array(count).fill(rim))
      return distance[(50 - target.y) * target.width + 95 - target.x]!
    }
    // The front dome ends at x = 100.
    expect([4, 5]).toContain(at(0))
    expect(at(1)).toBe(Infinity)
  })
})

describe('hidden texels', () => {
  it('let no background in where the mesh stands a little beyond the face', () => {
    const { model, vertices } = toyFace({ yaw: 1.1 })
    // The mesh reaches a pixel beyond the skin, into green, at the contour.
    const target = createRenderTarget(picture, [vertices])
    backend.rasterize({ vertices, triangles: model.triangles }, target)
    const photo: ImageView = { ...picture, channels: 3, data: new Uint8Array(3 * 120 * 100) }
    for (let i = 0; i < 120 * 100; i++) {
      const [x, y] = [(i % 120) + 1, Math.floor(i / 120)]
      const at = (y - target.y) * target.width + x - target.x
      const isSkin = x - target.x < target.width && y >= target.y && target.triangleIds[at]! >= 0
      photo.data.set(isSkin || x < 90 ? [200, 40, 40] : [0, 255, 0], 3 * i)
    }
    const greens = (hidden: 'keep' | 'mirror' | 'fill' | 'cut') => {
      const { data } = uvTexture(photo, vertices, model, backend, { size: 128, hidden, padding: 0 })
      return data.filter((value, i) => i % 3 === 1 && value > 100).length
    }
    expect(greens('keep')).toBeGreaterThan(200)
    expect([greens('mirror'), greens('fill'), greens('cut')]).toEqual([0, 0, 0])
  })
})

describe('seenTexels', () => {
  const { model } = toyFace()
  const size = 240
  const chart = createUvChart(model, size, backend)
  /** How well the middle row's texels of a face are seen beside another one in the same picture. */
  function middleRow(vertices: Float32Array, other: Float32Array): Float32Array {
    const canvas = { width: 500, height: 220 }
    const target = createRenderTarget(canvas, [vertices, other])
    backend.rasterize({ vertices, triangles: model.triangles }, target)
    backend.rasterize({ vertices: other, triangles: model.triangles }, target, model.triangles.length / 3)
    const seen = seenTexels(canvas, vertices, model, backend, { chart, target })
    return seen.subarray((size / 2) * size, (size / 2 + 1) * size)
  }
  const face = flat(toyFace({ cx: 110, cy: 110, radius: 100 }).vertices)
  const partly = (seen: Float32Array) => seen.filter((value) => value > 0 && value < 1).length

  it('fade over a 24th of the texture beside what is hidden, and not beside the border of the chart', () => {
    // The rim of what stands before the right half is no contour.
    const cover = flat(toyFace({ cx: 210, cy: 110, radius: 100 }).vertices).map((v, i) => (i % 3 === 2 ? v + 300 : v))
    const seen = middleRow(face, cover)
    expect(partly(seen)).toBe(10)
    expect([seen[20], seen[200]]).toEqual([1, 0])
  })

  it('believe less beside the contour of another face, up to a 25th of the own size beyond the own border', () => {
    // Turned to the left, so that its contour is on this side, so many pixels beyond the border at x = 210.
    const turned = toyFace({ cx: 0, cy: 110, radius: 80, yaw: -1.1 }).vertices
    const left = Math.min(...turned.filter((_, i) => i % 3 === 0))
    const beside = (gap: number) => turned.map((v, i) => (i % 3 === 0 ? v - left + 210 + gap : v))
    expect(partly(middleRow(face, beside(20)))).toBe(0)
    expect(partly(middleRow(face, beside(6)))).toBeGreaterThan(0)
  })
})
