import { describe, expect, it } from 'vitest'
import { createImage, type ImageView } from '../image.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { createRenderTarget } from '../render/render-target.ts'
import { renderTextured } from '../render/render-textured.ts'
import { random } from '../testing.ts'
import { uvTexture } from '../texture/uv-texture.ts'
import { toyFace, withMouth } from '../toy-face.ts'
import { matchColors } from './match-colors.ts'
import { paintTexture } from './paint-texture.ts'

const backend = new ReferenceBackend()

function picture(color: (x: number, y: number) => readonly number[], width = 120, height = 100): ImageView {
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(color(x, y), 3 * (y * width + x))
  return { data, width, height, channels: 3 }
}
const at = (image: ImageView, x: number, y: number) => [
  ...image.data.subarray(3 * (y * image.width + x)).subarray(0, 3),
]

describe('renderTextured', () => {
  it('draws the photograph that the texture was taken from', () => {
    const { model, vertices } = toyFace({ yaw: 0.4 })
    const photo = picture((x, y) => [x, 2 * y, 120 - x])
    const texture = uvTexture(photo, vertices, model, backend, { size: 512 })
    const drawn = picture(() => [255, 255, 255])
    renderTextured(drawn, vertices, model, texture, backend)
    let painted = 0
    for (let i = 0; i < drawn.data.length; i += 3) {
      if (drawn.data[i] === 255) continue
      painted++
      for (let k = 0; k < 3; k++) expect(Math.abs(drawn.data[i + k]! - photo.data[i + k]!)).toBeLessThanOrEqual(1)
    }
    expect(painted).toBeGreaterThan(4000)
  })

  it('of a target that reaches beyond the picture draws what lies within', () => {
    const { model, vertices } = toyFace()
    const texture = picture((x, y) => [x, y, 200], 64, 64)
    const [own, given] = [picture(() => [9, 9, 9], 60, 60), picture(() => [9, 9, 9], 60, 60)]
    renderTextured(own, vertices, model, texture, backend)
    const target = createRenderTarget({ width: 120, height: 100 }, [vertices])
    backend.rasterize({ vertices, triangles: model.triangles }, target)
    renderTextured(given, vertices, model, texture, backend, { target })
    expect(given.data).toEqual(own.data)
    const blank = picture(() => [9, 9, 9], 60, 60)
    const none = { blend: 'none' } as const
    const expected = paintTexture(blank, vertices, model, texture, backend, none)
    expect(paintTexture(blank, vertices, model, texture, backend, { ...none, target }).data).toEqual(expected.data)
  })
})

describe('paintTexture', () => {
  const { model, vertices } = toyFace()
  const photo = picture((x, y) => [100 + (x % 2), 90, y])
  const green = picture(() => [20, 200, 20], 64, 64)
  const centre = { size: 64, data: new Float32Array(64 * 64) }
  for (let t = 0; t < centre.data.length; t++)
    centre.data[t] = Math.hypot((t % 64) - 31.5, Math.floor(t / 64) - 31.5) < 15 ? 1 : 0

  it('paints where the mask is, and nowhere else', () => {
    const painted = paintTexture(photo, vertices, model, green, backend, { mask: centre, blend: 'none' })
    expect(at(painted, 60, 50)).toEqual([20, 200, 20])
    expect(at(painted, 25, 15)).toEqual(at(photo, 25, 15))
    expect(at(painted, 2, 2)).toEqual(at(photo, 2, 2))
    expect(photo.data[3 * (50 * 120 + 60) + 1]).toBe(90)
  })

  it('is opaque where it paints', () => {
    const clear = createImage(120, 100, 4)
    const painted = paintTexture(clear, vertices, model, green, backend, { mask: centre, blend: 'none' })
    const pixel = (x: number, y: number) => [...painted.data.subarray(4 * (120 * y + x)).subarray(0, 4)]
    expect(pixel(60, 50)).toEqual([20, 200, 20, 255])
    expect(pixel(2, 2)).toEqual([0, 0, 0, 0])
  })

  it('takes a constant colour over from the photograph along the border (gradient)', () => {
    // A texture without gradients has none to keep: the photograph's own smooth colours come back.
    const painted = paintTexture(photo, vertices, model, green, backend, { mask: centre, feather: 0 })
    for (let y = 30; y < 70; y += 5)
      at(painted, 60, y).forEach((value, k) => {
        expect(Math.abs(value - [100.5, 90, y][k]!)).toBeLessThan(3)
      })
  })

  it('joins colours along the mesh’s own border only where the photograph surely shows skin', () => {
    const paint = (sure?: { size: number; data: Float32Array }) =>
      at(paintTexture(photo, vertices, model, green, backend, { feather: 4, sure }), 60, 50)
    // Without a mask there is no other border.
    expect(paint()).toEqual([20, 200, 20])
    expect(paint({ size: 2, data: new Float32Array(4) })).toEqual([20, 200, 20])
    paint({ size: 2, data: new Float32Array(4).fill(1) }).forEach((value, k) => {
      expect(Math.abs(value - [100.5, 90, 50][k]!)).toBeLessThan(3)
    })
  })

  it('takes no colour from what lies at the border but is not as the rest of it', () => {
    const skin = [150, 120, 100]
    const paint = (lips: boolean) => {
      const face = picture((x, y) => (lips && x > 76 && Math.abs(y - 50) < 4 ? [200, 10, 30] : skin))
      return paintTexture(face, vertices, model, green, backend, { feather: 0, mask: centre })
    }
    const [plain, beside] = [paint(false), paint(true)]
    for (const x of [60, 66, 70])
      at(beside, x, 50).forEach((level, k) => {
        expect(Math.abs(level - at(plain, x, 50)[k]!)).toBeLessThan(3)
      })
  })

  it('keeps the painting’s own gradients', () => {
    const edge = picture((x) => (x < 32 ? [20, 20, 20] : [80, 80, 80]), 64, 64)
    const painted = paintTexture(
      picture(() => [128, 128, 128]),
      vertices,
      model,
      edge,
      backend,
      { mask: centre },
    )
    expect(at(painted, 62, 50)[0]! - at(painted, 57, 50)[0]!).toBeGreaterThan(40)
  })

  it('burns no highlights and turns none blue on a brighter face of another hue', () => {
    // Orange skin with a shine, a glint and a dark eye; the photograph is pale.
    const skin = picture(
      (x, y) =>
        Math.hypot(x - 32, y - 26) < 3
          ? [250, 248, 245]
          : Math.hypot(x - 32, y - 40) < 3
            ? [30, 20, 15]
            : [150 + 2 * Math.max(0, 32 - Math.abs(x - 32)), 100, 60],
      64,
      64,
    )
    const pale = picture(() => [220, 190, 180])
    const painted = paintTexture(pale, vertices, model, skin, backend, { mask: centre, feather: 0 })
    const [shine, cheek, glint, eye] = [
      at(painted, 60, 50),
      at(painted, 50, 50),
      at(painted, 60, 42),
      at(painted, 60, 60),
    ]
    // The shine stays one, in the skin's hue.
    expect(shine[0]).toBeGreaterThan(cheek[0]!)
    expect(shine[0]).toBeLessThan(255)
    for (const [r, g, b] of [shine, cheek, glint, eye] as [number, number, number][]) {
      expect(r).toBeGreaterThanOrEqual(g)
      expect(r).toBeGreaterThanOrEqual(b)
    }
  })

  it('fades along the outline (feather)', () => {
    const painted = paintTexture(photo, vertices, model, green, backend, { blend: 'feather', feather: 10 })
    expect(at(painted, 60, 50)).toEqual([20, 200, 20])
    const row = [20, 22, 24, 26, 28, 30].map((x) => at(painted, x, 50)[1]!)
    row.slice(1).forEach((value, i) => {
      expect(value).toBeGreaterThan(row[i]!)
    })
  })

  it.each(['gradient', 'feather'] as const)('paints lips up to an open mouth, which is no outline (%s)', (blend) => {
    // Columns 15 to 25 between the two middle rows are open, y = 50 to 52; around that the photograph is dark.
    const { triangles } = withMouth({ model, vertices }).model
    const bearded = picture((x, y) => (Math.abs(x - 61) < 16 && Math.abs(y - 51) < 7 ? [20, 20, 20] : [150, 150, 150]))
    const skin = picture(() => [150, 150, 150], 64, 64)
    const painted = paintTexture(bearded, vertices, { ...model, triangles }, skin, backend, {
      mask: centre,
      blend,
      feather: 10,
    })
    for (const y of [47, 48, 54, 55]) expect(at(painted, 60, y)).toEqual([150, 150, 150])
    expect(at(painted, 60, 51)).toEqual([20, 20, 20])
  })

  it("fills an open mouth with what the texture's photograph has between its lips, in the texture's colours", () => {
    const mouth = withMouth({ model, vertices })
    const mesh = { ...model, triangles: mouth.model.triangles }
    // Between lips 8 pixels apart there is something white; its skin is darker than the texture, which was matched.
    const reference = {
      vertices: mouth.open(8),
      image: picture((_, y) => (y > 51 && y < 59 ? [140, 140, 140] : [90, 90, 90])),
    }
    const skin = picture(() => [100, 100, 100], 64, 64)
    const own = picture(() => [20, 20, 220])
    const options = { blend: 'none', photograph: reference } as const
    const painted = paintTexture(own, mouth.open(4), mesh, skin, backend, options)
    expect(at(painted, 60, 53)[0]).toBeGreaterThan(135)
    expect(at(painted, 60, 60)).toEqual([100, 100, 100])
    // A mask that leaves the mouth out leaves its inside out as well.
    const eyes = { size: 2, data: Float32Array.of(1, 1, 0, 0) }
    expect(at(paintTexture(own, mouth.open(4), mesh, skin, backend, { ...options, mask: eyes }), 60, 56)).toEqual([
      20, 20, 220,
    ])
    expect(() =>
      paintTexture(own, vertices, mesh, skin, backend, { photograph: { ...reference, vertices: new Float32Array(3) } }),
    ).toThrow("the photograph's vertices")
  })

  it('leaves the border of the face open, where the photograph shows the background', () => {
    // The mesh begins at x = 20, its part of the picture at x = 24; left of that lies the dark background.
    const dark = picture((x) => (x < 24 ? [0, 0, 0] : [150, 150, 150]))
    const painted = paintTexture(
      dark,
      vertices,
      model,
      picture(() => [150, 150, 150], 64, 64),
      backend,
      { feather: 4 },
    )
    for (const x of [30, 60]) expect(at(painted, x, 50)[0]).toBeGreaterThan(140)
  })

  it('does not paint over what stands in front', () => {
    const front = toyFace({ cx: 90 }).vertices.map((v, i) => (i % 3 === 2 ? v + 200 : v))
    const target = {
      ...{ x: 0, y: 0, width: 120, height: 100 },
      depth: new Float32Array(12_000).fill(-Infinity),
      triangleIds: new Int32Array(12_000).fill(-1),
    }
    backend.rasterize({ vertices, triangles: model.triangles }, target)
    backend.rasterize({ vertices: front, triangles: model.triangles }, target, model.triangles.length / 3)
    const painted = paintTexture(photo, vertices, model, green, backend, { target, blend: 'none' })
    expect(at(painted, 40, 50)).toEqual([20, 200, 20])
    expect(at(painted, 90, 50)).toEqual(at(photo, 90, 50))
  })
})

describe('matchColors', () => {
  it('gives one picture the mean and contrast of another where it counts', () => {
    const next = random(9)
    const noise = (mean: number, spread: number) =>
      picture(() => [0, 1, 2].map(() => mean + spread * (next() - 0.5)), 40, 40)
    const weights = Float32Array.from({ length: 1600 }, (_, t) => (t % 40 < 30 ? 1 : 0))
    const [from, to] = [noise(150, 60), noise(90, 40)]
    const statistics = ({ data }: ImageView) => {
      const light = Array.from(
        { length: 1600 },
        (_, t) => 0.299 * data[3 * t]! + 0.587 * data[3 * t + 1]! + 0.114 * data[3 * t + 2]!,
      )
      const counted = light.filter((_, t) => t % 40 < 30)
      const mean = counted.reduce((a, b) => a + b, 0) / counted.length
      return { mean, deviation: Math.sqrt(counted.reduce((a, b) => a + (b - mean) ** 2, 0) / counted.length) }
    }
    const matched = matchColors(from, to, weights)
    expect(statistics(matched).mean).toBeCloseTo(statistics(to).mean, 0)
    expect(statistics(matched).deviation).toBeCloseTo(statistics(to).deviation, 0)
    expect(matchColors(from, to, new Float32Array(1600)).data).toEqual(from.data)
    expect(() => matchColors(from, noise(1, 1), weights.subarray(1))).toThrow(/1600 numbers/)
  })

  const everything = new Float32Array(1600).fill(1)

  it.each([
    ['cold', [190, 170, 165]],
    ['dark', [70, 50, 40]],
  ] as const)('keeps brown eyes brown and red lips red on %s skin', (_, skin) => {
    // Orange skin in light and shade: its blue varies least, and would be stretched most.
    const [eyes, lips] = [
      [60, 40, 28],
      [210, 90, 80],
    ] as const
    const face = picture(
      (x, y) => (x === 38 ? eyes : x === 39 ? lips : [230, 150, 90].map((v) => v * (0.7 + y / 130))),
      40,
      40,
    )
    const other = picture((_, y) => skin.map((v) => v * (0.4 + y / 50)), 40, 40)
    const matched = matchColors(face, other, everything)
    const [r, g, b] = at(matched, 38, 20) as [number, number, number]
    expect(r).toBeGreaterThanOrEqual(g)
    expect(g).toBeGreaterThanOrEqual(b)
    const redness = (x: number) => at(matched, x, 20)[0]! / at(matched, x, 20)[1]!
    expect(redness(39)).toBeGreaterThan(redness(10))
  })

  it('makes no more than twice the contrast of a flatly lit face', () => {
    const grey = (spread: number) => picture((_, y) => new Array(3).fill(120 + spread * (y % 2)), 40, 40)
    const matched = matchColors(grey(4), grey(100), everything)
    expect(at(matched, 20, 1)[0]! - at(matched, 20, 0)[0]!).toBe(8)
  })

  it('keeps the hue of a highlight that becomes brighter than white', () => {
    const skin = (light: number) => [4 * light, 2 * light, light]
    // A highlight in the last column, which does not count.
    const face = picture((x, y) => skin(x === 39 ? 60 : 20 + y / 4), 40, 40)
    const brighter = picture((_, y) => skin(40 + y / 2), 40, 40)
    const counted = everything.map((_, t) => (t % 40 < 39 ? 1 : 0))
    expect(at(matchColors(face, brighter, counted), 39, 20)).toEqual([255, 128, 64])
  })

  it('gives a grey picture no colours, and leaves black what becomes darker than black', () => {
    const grey = picture((x, y) => new Array(3).fill(x === 39 ? 0 : 120 + y), 40, 40)
    const skin = picture((_, y) => (y < 20 ? [60, 40, 35] : [250, 200, 170]), 40, 40)
    const toGrey = matchColors(skin, grey, everything)
    for (let i = 0; i < 4800; i += 3) expect(Math.abs(toGrey.data[i]! - toGrey.data[i + 2]!)).toBeLessThanOrEqual(1)
    const most = everything.map((_, t) => (t % 40 < 39 ? 1 : 0))
    expect(at(matchColors(grey, skin, most), 39, 20)).toEqual([0, 0, 0])
  })
})
