import { describe, expect, it } from 'vitest'
import { canonicalVertices, frontalVertices } from '../fit/vertex-pose.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { uvTexture } from '../texture/uv-texture.ts'
import { toyFace } from '../toy-face.ts'
import { placeInSquare, renderFrontalView } from './frontal-view.ts'

const backend = new ReferenceBackend()
const { model } = toyFace()
const canonical = canonicalVertices(model)

describe('renderFrontalView', () => {
  it('shows a turned face as the straight one', () => {
    // Painted by the dome's own u and v, so that skin is known by its colour wherever it goes.
    const texture = { data: new Uint8Array(3 * 128 * 128), width: 128, height: 128, channels: 3 as const }
    for (let t = 0; t < 128 * 128; t++) texture.data.set([2 * (t % 128), 2 * Math.floor(t / 128), 50], 3 * t)
    const straight = renderFrontalView(canonical, model, texture, backend, { size: 100 })
    const turned = frontalVertices(toyFace({ yaw: 0.6 }).vertices, canonical)
    const again = renderFrontalView(turned, model, texture, backend, { size: 100 })
    let opaque = 0
    for (let i = 0; i < straight.data.length; i += 4) {
      if (straight.data[i + 3] !== 255 || again.data[i + 3] !== 255) continue
      opaque++
      for (let k = 0; k < 2; k++) expect(Math.abs(straight.data[i + k]! - again.data[i + k]!)).toBeLessThan(4)
    }
    expect(opaque).toBeGreaterThan(7000)
  })

  it('is transparent around the face, and centred', () => {
    const photo = { data: new Uint8Array(3 * 120 * 100).fill(90), width: 120, height: 100, channels: 3 as const }
    const texture = uvTexture(photo, toyFace().vertices, model, backend)
    const { data, width, height, channels } = renderFrontalView(canonical, model, texture, backend, {
      size: 50,
      margin: 0.1,
    })
    expect([width, height, channels]).toEqual([50, 50, 4])
    expect([data[3], data[4 * (25 * 50 + 25) + 3]]).toEqual([0, 255])
    const alpha = (x: number, y: number) => data[4 * (y * 50 + x) + 3]
    for (let i = 0; i < 50; i++) expect(alpha(i, 25)).toBe(alpha(49 - i, 25))
  })

  // A photograph of its own coordinates, so that every colour says where it is from.
  const image = { data: new Uint8Array(3 * 128 * 128), width: 128, height: 128, channels: 3 as const }
  for (let t = 0; t < 128 * 128; t++) image.data.set([t % 128, Math.floor(t / 128), 200], 3 * t)
  const mouth = (t: number) => t % 40 >= 15 && t % 40 < 25 && Math.floor(t / 40) >= 26 && Math.floor(t / 40) < 29
  const triangles = model.triangles.filter((_, i) => !mouth(Math.floor(i / 6)))
  const grey = { data: new Uint8Array(12).fill(90), width: 2, height: 2, channels: 3 as const }

  it('shows the photograph through a mouth, and nothing through it unless given', () => {
    const { vertices } = toyFace({ yaw: 0.3 })
    const draw = (
      mesh: { triangles: Uint32Array; uv: Float32Array },
      photograph?: { image: typeof image; vertices: Float32Array },
    ) => renderFrontalView(canonical, mesh, grey, backend, { size: 100, ...(photograph && { photograph }) })
    const closed = draw({ triangles, uv: model.uv }, { image, vertices })
    const open = draw({ triangles, uv: model.uv })
    const isHole = (i: number) => open.data[4 * i + 3] === 0 && closed.data[4 * i + 3] === 255
    let holes = 0
    // The whole dome, painted by where each of its vertices is in the photograph, is what the hole has to show.
    const colors = uvTexture(image, vertices, model, backend, { size: 256 })
    const whole = renderFrontalView(canonical, model, colors, backend, { size: 100 })
    for (let i = 0; i < 100 * 100; i++) {
      if (!isHole(i)) continue
      holes++
      for (let k = 0; k < 3; k++) expect(Math.abs(closed.data[4 * i + k]! - whole.data[4 * i + k]!)).toBeLessThan(4)
    }
    expect(holes).toBeGreaterThan(80)
    expect(() => draw(model, { image, vertices: vertices.subarray(3) })).toThrow(/photograph's vertices/)
  })

  it.each([1.2, -1.2])('shows the nearer half of a mouth on both sides of a face turned by %f rad', (yaw) => {
    const { vertices } = toyFace({ yaw })
    const draw = (photograph?: { image: typeof image; vertices: Float32Array }) =>
      renderFrontalView(canonical, { triangles, uv: model.uv }, grey, backend, {
        size: 100,
        ...(photograph && { photograph }),
      }).data
    const [open, closed] = [draw(), draw({ image, vertices })]
    const colors = uvTexture(image, vertices, model, backend, { size: 256 })
    const whole = renderFrontalView(canonical, model, colors, backend, { size: 100 }).data
    let near = 0
    for (let i = 0; i < 100 * 100; i++) {
      if (open[4 * i + 3] !== 0 || closed[4 * i + 3] !== 255) continue
      const mirrored = i + 99 - 2 * (i % 100)
      const isNear = i % 100 < 50 === yaw > 0
      if (isNear) near++
      for (let k = 0; k < 3; k++)
        expect(Math.abs(closed[4 * i + k]! - whole[4 * (isNear ? i : mirrored) + k]!)).toBeLessThan(4)
    }
    expect(near).toBeGreaterThan(40)
  })

  it('refuses what cannot be placed', () => {
    expect(() => placeInSquare(new Float32Array(9), 100, 0)).toThrow(/some extent/)
    const texture = { data: new Uint8Array(12), width: 2, height: 2, channels: 3 as const }
    expect(() => renderFrontalView(canonical, model, texture, backend, { size: 5 })).toThrow(/16 to 4096/)
  })
})
