import { describe, expect, it } from 'vitest'
import { createImage } from '../image.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { toyFace } from '../toy-face.ts'
import { groupOverlapping } from './group-overlapping.ts'
import { depthMap, renderDepth, renderPncc, renderShaded } from './render-faces.ts'
import { createRenderTarget } from './render-target.ts'

const backend = new ReferenceBackend()
const { model, vertices } = toyFace()
const at = (image: { data: ArrayLike<number>; width: number }, x: number, y: number) =>
  [0, 1, 2].map((k) => image.data[3 * (y * image.width + x) + k]!)

describe('createRenderTarget', () => {
  it('is the clipped bounding box', () => {
    const target = createRenderTarget({ width: 80, height: 200 }, [vertices])
    expect([target.x, target.y, target.width, target.height]).toEqual([20, 10, 60, 81])
  })

  it('has no size when nothing reaches into the picture, or nothing is there', () => {
    expect(createRenderTarget({ width: 10, height: 10 }, [vertices]).depth).toHaveLength(0)
    expect(createRenderTarget({ width: 10, height: 10 }, []).width).toBe(0)
  })
})

describe('groupOverlapping', () => {
  it('joins what overlaps, also through a third, and keeps the order', () => {
    const faces = [0, 300, 60, 120].map((cx) => ({ cx, vertices: toyFace({ cx }).vertices }))
    expect(
      groupOverlapping(faces)
        .map((group) => group.faces.map(({ cx }) => cx))
        .sort((a, b) => b.length - a.length),
    ).toEqual([[0, 60, 120], [300]])
    expect(groupOverlapping([])).toEqual([])
  })

  it('changes no pixel', () => {
    const faces = [60, 200, 260].map((cx) => ({ vertices: toyFace({ cx }).vertices }))
    const [together, single] = [createImage(320, 100), createImage(320, 100)]
    renderShaded(together, faces, model, backend)
    renderShaded(single, faces.slice(0, 1), model, backend)
    renderShaded(single, faces.slice(1), model, backend)
    expect(together.data).toEqual(single.data)
  })
})

describe('renderings', () => {
  it('a tint is light of a colour everywhere', () => {
    const dark = { ambient: 0, directional: 0, specular: 0, position: [0, 0, 5] } as const
    const image = createImage(120, 100)
    renderShaded(image, [{ vertices }], model, backend, { opacity: 1, light: dark, tint: [0.4, 0.6, 1] })
    expect(at(image, 60, 50)).toEqual([102, 153, 255])
    expect(at(image, 2, 2)).toEqual([0, 0, 0])
  })

  it('shade in the middle what faces the light, and leave the rest of the picture alone', () => {
    const image = { ...createImage(120, 100), data: new Uint8Array(36_000).fill(50) }
    renderShaded(image, [{ vertices }], model, backend)
    expect(at(image, 5, 5)).toEqual([50, 50, 50])
    // Ambient 0.3, diffuse 0.6 and specular 0.1 add up to white where the light falls straight on: 0.4 * 50 + 0.6 * 255.
    expect(at(image, 60, 50)[0]).toBeGreaterThan(168)
    expect(at(image, 60, 50)[0]).toBeLessThanOrEqual(173)
    expect(at(image, 22, 12)[0]).toBeLessThan(at(image, 60, 50)[0]!)
  })

  it('depth is white at the nearest and black at the farthest point of each face', () => {
    const image = createImage(240, 100)
    const other = toyFace({ cx: 170, radius: 20 }).vertices
    renderDepth(image, [{ vertices }, { vertices: other }], model, backend)
    expect(at(image, 60, 50)).toEqual([255, 255, 255])
    expect(at(image, 170, 50)).toEqual([255, 255, 255])
    expect(at(image, 20, 50)[0]).toBeLessThan(20)
  })

  it('PNCC holds z, y, x of the mean face as red, green, blue', () => {
    const image = createImage(120, 100)
    renderPncc(image, [{ vertices }], model, backend)
    const [red, green, blue] = at(image, 60, 50)
    expect([red, green, blue]).toEqual([255, 128, 128])
    expect(at(image, 90, 50)[2]).toBeGreaterThan(blue!)
  })

  it('the nearer face covers the other, whichever comes first', () => {
    const near = toyFace({ cx: 80 }).vertices.map((v, i) => (i % 3 === 2 ? v + 500 : v))
    const maps = [
      [{ vertices }, { vertices: near }],
      [{ vertices: near }, { vertices }],
    ].map((faces) => depthMap({ width: 140, height: 100 }, faces, model, backend))
    expect(maps[0]).toEqual(maps[1])
    expect(maps[0]![50 * 140 + 80]).toBeGreaterThan(500)
    expect(maps[0]![0]).toBe(-Infinity)
  })

  it('refuse a face without dense vertices', () => {
    expect(() => renderDepth(createImage(9, 9), [{}], model, backend)).toThrow(/dense: true/)
  })
})
