import { describe, expect, it } from 'vitest'
import type { ImageView } from '../image.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { createRenderTarget } from '../render/render-target.ts'
import { toyFace } from '../toy-face.ts'
import { sampleBilinear, textureColors, vertexColors } from './sample.ts'
import { uvTexture } from './uv-texture.ts'
import { vertexVisibility } from './vertex-visibility.ts'

const backend = new ReferenceBackend()

/** Red is x, green is y: a sampled colour tells where it came from. */
function gradient(width: number, height: number): ImageView {
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set([x, y, 77], 3 * (y * width + x))
  return { data, width, height, channels: 3 }
}

const sample = (image: ImageView, x: number, y: number) => {
  const out = [0, 0, 0]
  sampleBilinear(image, x, y, out, 0)
  return out
}

describe('sampleBilinear', () => {
  it('interpolates, and repeats the border outside', () => {
    const image = gradient(20, 10)
    expect(sample(image, 3.25, 6.5)).toEqual([3.25, 6.5, 77])
    expect(sample(image, -5, 30)).toEqual([0, 9, 77])
    expect(sample(image, 19.5, 9.5)).toEqual([19, 9, 77])
    expect(sample(gradient(1, 1), 0.3, 0.3)).toEqual([0, 0, 77])
  })

  it('textureColors reads a texel at its middle', () => {
    const texture = gradient(4, 2)
    const [color, middle] = [new Float32Array(3), Float32Array.of(2.5 / 4, 0.5 / 2)]
    sampleBilinear(texture, 2, 0, color, 0)
    expect(Array.from(textureColors(texture, middle), (v) => Math.round(v * 255))).toEqual([...color])
  })

  it('vertexColors moves no vertex', () => {
    const vertices = Float32Array.of(-4, 2, 1, 50, 3, 1)
    expect(Array.from(vertexColors(gradient(20, 10), vertices), (v) => Math.round(v * 255))).toEqual([
      0, 2, 77, 19, 3, 77,
    ])
    expect(vertices).toEqual(Float32Array.of(-4, 2, 1, 50, 3, 1))
  })
})

describe('vertexVisibility', () => {
  it('sees all of a frontal dome and only the near side of a turned one', () => {
    const share = (yaw: number) => {
      const { model, vertices } = toyFace({ yaw })
      const visible = vertexVisibility({ vertices, triangles: model.triangles }, { width: 120, height: 100 }, backend)
      return visible.reduce((a, b) => a + b, 0) / visible.length
    }
    expect(share(0)).toBeGreaterThan(0.9)
    expect(share(1.1)).toBeLessThan(0.85)
    expect(share(3.1)).toBe(0)
  })

  it('does not see what lies outside the picture', () => {
    const { model, vertices } = toyFace({ cx: 0 })
    const visible = vertexVisibility({ vertices, triangles: model.triangles }, { width: 120, height: 100 }, backend)
    vertices.forEach((x, i) => {
      if (i % 3 === 0 && x < -1) expect(visible[i / 3]).toBe(0)
    })
  })
})

describe('uvTexture', () => {
  const image = gradient(120, 100)

  it('brings each texel from its own place in the picture', () => {
    const { model, vertices } = toyFace()
    const texture = uvTexture(image, vertices, model, backend, { size: 200, padding: 0 })
    // Texel (i, j) is u = (i + 0.5) / 200; the dome's chart runs from 0.05 to 0.95 over x from 20 to 100, y from 10 to 90.
    for (const [i, j] of [
      [100, 100],
      [40, 150],
      [180, 20],
    ] as const) {
      const expected = [20 + (80 * ((i + 0.5) / 200 - 0.05)) / 0.9, 10 + (80 * ((j + 0.5) / 200 - 0.05)) / 0.9]
      const at = 3 * (j * 200 + i)
      expect(Math.abs(texture.data[at]! - expected[0]!)).toBeLessThanOrEqual(1)
      expect(Math.abs(texture.data[at + 1]! - expected[1]!)).toBeLessThanOrEqual(1)
    }
    expect([...texture.data.subarray(0, 3)]).toEqual([0, 0, 0])
  })

  const black = (t: ImageView) => t.data.filter((v, i) => i % 3 === 2 && v === 0).length

  it('cuts hidden texels, or fills them from the mirrored side', () => {
    const { model, vertices } = toyFace({ yaw: 1.1 })
    const [keep, cut, mirror] = (['keep', 'cut', 'mirror'] as const).map((hidden) =>
      uvTexture(image, vertices, model, backend, { size: 128, hidden, padding: 0 }),
    )
    expect(black(cut!)).toBeGreaterThan(black(keep!) + 500)
    expect(black(mirror!)).toBe(black(keep!))
    // A texel that `cut` drops while its mirror image is seen holds that image's colour: green and blue, which do not change
    // from left to right here. Red, which does, is brought in line with the seen side.
    let checked = 0
    for (let j = 0; j < 128; j++)
      for (let i = 0; i < 128; i++) {
        const [at, other] = [3 * (j * 128 + i), 3 * (j * 128 + 127 - i)]
        if (keep!.data[at + 2] === 0 || cut!.data[at + 2] !== 0 || cut!.data[other + 2] === 0) continue
        for (const k of [1, 2]) expect(Math.abs(mirror!.data[at + k]! - cut!.data[other + k]!)).toBeLessThanOrEqual(2)
        checked++
      }
    expect(checked).toBeGreaterThan(200)
  })

  it('is the same from the z-buffer of a picture with other faces, wherever they are', () => {
    const [left, right] = [-0.5, 0.9].map((yaw, i) => toyFace({ yaw, cx: 60 + 100 * i, cy: 60 }))
    const picture = gradient(220, 130)
    const { model } = left!
    const target = createRenderTarget(picture, [left!.vertices, right!.vertices])
    for (const [i, { vertices }] of [left!, right!].entries())
      backend.rasterize({ vertices, triangles: model.triangles }, target, (i * model.triangles.length) / 3)
    for (const { vertices } of [left!, right!]) {
      const options = { size: 64, hidden: 'cut' } as const
      const alone = uvTexture(picture, vertices, model, backend, options)
      expect(uvTexture(picture, vertices, model, backend, { ...options, target })).toEqual(alone)
      expect(alone.data.filter((value) => value === 0).length).toBeGreaterThan(100)
    }
  })

  it('mirrors without a seam where one side is darker', () => {
    const { model, vertices } = toyFace({ yaw: 0.8 })
    // Light from the side: what the dome's right half lacks in brightness is the same everywhere.
    const lit = gradient(120, 100)
    for (let i = 0; i < lit.data.length; i++) lit.data[i] = 150 - (Math.floor(i / 3) % 120)
    const [cut, mirror] = (['cut', 'mirror'] as const).map((hidden) =>
      uvTexture(lit, vertices, model, backend, { size: 128, hidden, padding: 0 }),
    )
    let [seams, step] = [0, 0]
    for (let j = 20; j < 108; j++)
      for (let i = 1; i < 128; i++) {
        const at = 3 * (j * 128 + i)
        // Between a texel that is seen and one that is not.
        if ((cut!.data[at] === 0) === (cut!.data[at - 3] === 0) || mirror!.data[at - 3] === 0) continue
        if (mirror!.data[at] === 0) continue
        seams++
        step = Math.max(step, Math.abs(mirror!.data[at]! - mirror!.data[at - 3]!))
      }
    expect(seams).toBeGreaterThan(30)
    expect(step).toBeLessThan(12)
  })

  it('fills hidden texels from the seen skin around them', () => {
    const { model, vertices } = toyFace({ yaw: 1.1 })
    const [keep, fill] = (['keep', 'fill'] as const).map((hidden) =>
      uvTexture(image, vertices, model, backend, { size: 128, hidden, padding: 0 }),
    )
    expect(black(fill!)).toBe(black(keep!))
    // Nothing beyond the seen range is made up, and what is the same everywhere stays so.
    for (let i = 0; i < fill!.data.length; i += 3) expect([0, 77]).toContain(fill!.data[i + 2])
  })

  it('pads the chart outwards', () => {
    const { model, vertices } = toyFace()
    const filled = (padding: number) =>
      uvTexture(image, vertices, model, backend, { size: 64, padding }).data.filter((v, i) => i % 3 === 2 && v > 0)
        .length
    const sides = [0, 1, 2].map((padding) => Math.sqrt(filled(padding)))
    expect(sides[1]! - sides[0]!).toBeCloseTo(2, 1)
    expect(sides[2]! - sides[1]!).toBeCloseTo(2, 1)
    // At once, though it is said to go on and on: all is filled long before.
    expect(filled(1e12)).toBe(64 * 64)
  })

  it('refuses senseless sizes', () => {
    const { model, vertices } = toyFace()
    expect(() => uvTexture(image, vertices, model, backend, { size: 100_000 })).toThrow(/16 to 8192/)
    expect(() => uvTexture(image, vertices.subarray(3), model, backend)).toThrow(/vertices/)
  })
})
