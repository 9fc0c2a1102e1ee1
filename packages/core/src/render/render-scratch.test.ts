import { describe, expect, it } from 'vitest'
import { createImage } from '../image.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { toyFace } from '../toy-face.ts'
import { renderDepth, renderPncc, renderShaded } from './render-faces.ts'
import { RenderScratch } from './render-scratch.ts'

describe('RenderScratch', () => {
  it('changes no pixel, whatever was drawn with it before', () => {
    const backend = new ReferenceBackend()
    const scratch = new RenderScratch()
    for (const { model, ...face } of [20, 45, 30].map((radius) => toyFace({ radius })))
      for (const render of [renderShaded, renderDepth, renderPncc]) {
        const [fresh, again] = [createImage(120, 100), createImage(120, 100)]
        render(fresh, [face], model, backend)
        render(again, [face], model, backend, { scratch })
        expect(fresh.data.some((value) => value > 0)).toBe(true)
        expect(again.data).toEqual(fresh.data)
      }
  })

  it('hands the same memory out again, cleared', () => {
    const scratch = new RenderScratch()
    const picture = { width: 100, height: 100 }
    const large = scratch.target(picture, { x1: 0, y1: 0, x2: 49, y2: 9 })
    large.depth.fill(7)
    large.triangleIds.fill(7)
    const small = scratch.target(picture, { x1: 95, y1: -5, x2: 120, y2: 1 })
    expect([small.x, small.y, small.width, small.height]).toEqual([95, 0, 5, 2])
    expect(small.depth.buffer).toBe(large.depth.buffer)
    expect(new Set(small.depth)).toEqual(new Set([-Infinity]))
    expect(new Set(small.triangleIds)).toEqual(new Set([-1]))
    expect(scratch.colors(30)).toBe(scratch.colors(30))
  })
})
