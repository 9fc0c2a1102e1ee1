import { describe, expect, it } from 'vitest'
import { FaceAligner } from '../face-aligner.ts'
import { faceConfidence, isHeadCamera } from './confidence.ts'
import { toyScene } from './toy-scene.ts'

const aligner = await FaceAligner.create(toyScene([]).parts)
const roi = { x1: 100, y1: 50, x2: 220, y2: 170 }
// A face that fills its crop as tracking cuts it: the landmarks' square grown by the square root of 2.
const good = [42.4, 0, 0, 61, 0, 42.4, 0, 60, 0, 0, 42.4, 0, 0, 0]
const confidence = (params: number[]): number => faceConfidence(aligner.faceFromParams(Float32Array.from(params), roi))
const change = (changes: Record<number, number>): number[] => good.map((v, i) => v + (changes[i] ?? 0))

describe('faceConfidence', () => {
  it('is high for a scaled rotation in the middle of its crop', () => {
    expect(confidence(good)).toBeGreaterThan(0.99)
  })

  it('falls with the distance from a scaled rotation', () => {
    const values = [0, 0.02, 0.1, 0.3, 0.8].map((part) => confidence(change({ 1: 42.4 * part, 10: -42.4 * part })))
    expect(values).toEqual([...values].sort((a, b) => b - a))
    expect(values[1]).toBeGreaterThan(0.9)
    expect(values[3]).toBeLessThan(0.2)
  })

  it('falls when the face jumps or changes its size against the crop', () => {
    const wobble = { 1: 2.5 }
    expect(confidence(change({ ...wobble, 3: 50 }))).toBeLessThan(confidence(change(wobble)))
    const small = good.map((v, i) => (i === 0 || i === 5 || i === 10 ? v / 3 : v))
    expect(confidence(small)).toBeLessThan(confidence(good))
  })
})

it('isHeadCamera refuses mirror images, flat cameras and what is no number', () => {
  expect(isHeadCamera(Float32Array.from(good))).toBe(true)
  expect(isHeadCamera(Float32Array.from(good, (v, i) => (i === 0 ? -v : v)))).toBe(false)
  expect(isHeadCamera(Float32Array.from(good, (v, i) => (i < 3 ? 0 : v)))).toBe(false)
  expect(isHeadCamera(Float32Array.from(good, (v, i) => (i === 13 ? Number.NaN : v)))).toBe(false)
  expect(isHeadCamera(new Float32Array(14))).toBe(false)
})
