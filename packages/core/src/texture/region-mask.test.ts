import { describe, expect, it } from 'vitest'
import { toyWithFeatures } from '../toy-face.ts'
import { REGIONS, regionMask, unionMasks } from './region-mask.ts'

describe('regionMask', () => {
  const { mesh, value } = toyWithFeatures()

  it.each([
    ['eyes', [0.3, 0.38], [0.5, 0.78]],
    ['brows', [0.3, 0.25], [0.5, 0.6]],
    ['nose', [0.5, 0.55], [0.3, 0.38]],
    ['mouth', [0.5, 0.78], [0.5, 0.55]],
    ['features', [0.3, 0.25], [0.2, 0.7]],
    ['features', [0.4, 0.5], [0.1, 0.1]],
    ['features', [0.5, 0.78], [0.5, 0.92]],
    ['face', [0.5, 0.5], [0.02, 0.98]],
  ] as const)('holds the %s and not what lies elsewhere', (region, [x, y], [ox, oy]) => {
    const mask = regionMask(mesh, region, { size: 128 })
    expect(value(mask, x, y)).toBe(1)
    expect(value(mask, ox, oy)).toBe(0)
  })

  it('ends the face a tenth before the jaw line, whose points move on to the background', () => {
    // Straight down from the tip of the nose (0.6) to the chin (0.95).
    const mask = regionMask(mesh, 'face', { size: 512, feather: 0 })
    const share = (part: number) => value(mask, 0.5, 0.6 + part * (0.95 - 0.6))
    expect([share(0.85), share(0.95)]).toEqual([1, 0])
  })

  it('is soft by the width that is asked for', () => {
    const soft = (feather: number) =>
      regionMask(mesh, 'face', { size: 128, feather }).data.filter((v) => v > 0.02 && v < 0.98).length
    expect(soft(0)).toBe(0)
    expect(soft(0.2)).toBeGreaterThan(1.8 * soft(0.1))
  })

  it('joins, and refuses nonsense', () => {
    const [eyes, mouth] = [regionMask(mesh, 'eyes'), regionMask(mesh, 'mouth')]
    const both = unionMasks(eyes, mouth)
    expect([value(both, 0.3, 0.38), value(both, 0.5, 0.78), value(both, 0.1, 0.6)]).toEqual([1, 1, 0])
    expect(() => unionMasks(eyes, regionMask(mesh, 'eyes', { size: 64 }))).toThrow(/same size/)
    expect(() => regionMask(mesh, 'ears' as 'eyes')).toThrow(REGIONS.join(', '))
    expect(() => regionMask(mesh, 'eyes', { size: 1 })).toThrow(/16 to 8192/)
  })
})
