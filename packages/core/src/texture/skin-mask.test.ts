import { describe, expect, it } from 'vitest'
import { createImage } from '../image.ts'
import { toyWithFeatures } from '../toy-face.ts'
import type { UvMask } from './region-mask.ts'
import { skinMask } from './skin-mask.ts'

describe('skinMask', () => {
  const { mesh, value } = toyWithFeatures()
  const size = 128
  const seen = new Float32Array(size * size).fill(1)
  /** A texture of skin in light from the left, with what `draw` has instead of it at places as in `value`. */
  const texture = (draw: (x: number, y: number) => readonly number[] | undefined) => {
    const image = createImage(size, size)
    for (let t = 0; t < size * size; t++) {
      const [x, y] = [t % size, Math.floor(t / size)].map((i) => ((i + 0.5) / size - 0.05) / 0.9) as [number, number]
      const light = 1.2 - 0.7 * x + 0.04 * Math.sin(37 * t)
      const color = draw(x, y) ?? [180 * light, 130 * light, 110 * light]
      color.forEach((level, k) => {
        image.data[3 * t + k] = level
      })
    }
    return image
  }
  const hair = [40, 28, 20]
  const expectShare = (mask: UvMask, share: number, places: readonly (readonly [x: number, y: number])[]) =>
    expect(places.map(([x, y]) => value(mask, x, y))).toEqual(places.map(() => share))

  it('is skin whatever the light, and neither hair nor a microphone', () => {
    const isMicrophone = (x: number, y: number) => Math.abs(x - 0.5) < 0.05 && y > 0.87
    const image = texture((x, y) => (y < 0.15 ? hair : isMicrophone(x, y) ? [90, 100, 110] : undefined))
    const mask = skinMask(image, mesh, seen)
    expectShare(mask, 1, [
      [0.1, 0.5],
      [0.9, 0.5],
      [0.5, 0.2],
      [0.25, 0.8],
    ])
    expectShare(mask, 0, [
      [0.3, 0.05],
      [0.8, 0.1],
      [0.5, 0.93],
    ])
  })

  it('has eyes, brows and mouth, of whatever colour, even if the most of it is hair', () => {
    const isHair = (x: number, y: number) => y < 0.3 || x < 0.15 || x > 0.85
    const image = texture((x, y) =>
      Math.hypot(x - 0.5, y - 0.78) < 0.08 ? [200, 0, 40] : isHair(x, y) ? hair : undefined,
    )
    const mask = skinMask(image, mesh, seen)
    expectShare(mask, 1, [
      [0.3, 0.38],
      [0.3, 0.25],
      [0.5, 0.78],
    ])
    expect([value(mask, 0.1, 0.6), value(mask, 0.5, 0.1)]).toEqual([0, 0])
  })

  it('has what skin surrounds: moles and shadows', () => {
    const image = texture((x, y) => (Math.hypot(x - 0.15, y - 0.6) < 0.05 ? hair : undefined))
    expect(value(skinMask(image, mesh, seen), 0.15, 0.6)).toBe(1)
  })

  it('has nothing that reaches where no skin was seen: a microphone before the chin, whose foot is filled with skin', () => {
    const isMicrophone = (x: number, y: number) => Math.abs(x - 0.5) < 0.05 && y > 0.87 && y < 0.94
    const image = texture((x, y) => (isMicrophone(x, y) ? [90, 100, 110] : undefined))
    expect(value(skinMask(image, mesh, seen), 0.5, 0.905)).toBe(1)
    const above = seen.map((share, t) => (Math.floor(t / size) < (0.05 + 0.9 * 0.93) * size ? share : 0))
    const mask = skinMask(image, mesh, above)
    expect(value(mask, 0.5, 0.905)).toBe(0)
    expect(value(mask, 0.2, 0.97)).toBe(1)
  })

  it('takes all for skin where no cheek is seen, and refuses what does not belong together', () => {
    const image = texture((_, y) => (y < 0.15 ? hair : undefined))
    expect(skinMask(image, mesh, new Float32Array(size * size)).data.every((share) => share === 1)).toBe(true)
    expect(() => skinMask(image, mesh, new Float32Array(9))).toThrow(/seen/)
    expect(() => skinMask(createImage(8, 4), mesh, seen)).toThrow(/Expected a square for texture/)
  })
})
