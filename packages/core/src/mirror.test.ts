import { describe, expect, it } from 'vitest'
import { createImage } from './image.ts'
import { mirrorImage, ParamMirror } from './mirror.ts'
import { type MorphableModel, splitParams } from './model.ts'
import { SparseDecoder } from './sparse-decoder.ts'
import { random } from './testing.ts'

// Pairs of vertices left and right of the plane x = 3, some on it; the landmarks are among them as iBUG counts.
const HALF = 60
const n = 2 * HALF + 9
const PLANE = 3

/** A symmetric mean, and components that come as a symmetric one, and two that mirroring changes into each other. */
function symmetricModel(): MorphableModel {
  const next = random(3)
  const mean = new Float32Array(3 * n)
  const basis = new Float32Array(3 * n * 4)
  const opposite = (v: number): number => (v < HALF ? v + HALF : v < 2 * HALF ? v - HALF : v)
  for (let v = 0; v < n; v++) {
    const [x, y, z] = [v < 2 * HALF ? 5 + 40 * next() : 0, 80 * next(), 40 * next()]
    if (v < HALF || v >= 2 * HALF) {
      mean.set([PLANE + x, y, z], 3 * v)
      mean.set([PLANE - x, y, z], 3 * opposite(v))
      for (const k of [0, 3]) {
        const d = [v < HALF ? next() : 0, next(), next()] as const
        basis.set(d, 3 * (k * n + v))
        basis.set([-d[0], d[1], d[2]], 3 * (k * n + opposite(v)))
      }
    }
  }
  for (let v = 0; v < n; v++) {
    const d = [next(), next(), next()] as const
    basis.set(d, 3 * (n + v))
    basis.set([-d[0], d[1], d[2]], 3 * (2 * n + opposite(v)))
  }
  const landmarks = new Uint32Array(68)
  let [pair, middle] = [0, 0]
  for (let i = 0; i < 68; i++) landmarks[i] = 2 * HALF + (middle++ % 9)
  for (const [a, b, count] of [
    [0, 16, 8],
    [17, 26, 5],
    [36, 45, 4],
    [31, 35, 2],
    [48, 54, 3],
  ] as const)
    for (let i = 0; i < count; i++) {
      landmarks[a + i] = pair
      landmarks[b - i] = HALF + pair++
    }
  const triangles = Uint32Array.of(0, 1, 2)
  const [uv, ncc] = [new Float32Array(2 * n), new Float32Array(3 * n)]
  return { id: 'pairs', vertexCount: n, shapeCount: 3, expressionCount: 1, mean, basis, triangles, landmarks, uv, ncc }
}

describe('mirrorImage', () => {
  it('turns rows round, and twice gives the picture', () => {
    const image = createImage(3, 2)
    ;(image.data as Uint8Array).set(Array.from({ length: 18 }, (_, i) => i))
    const mirrored = mirrorImage(image)
    expect([...mirrored.data.subarray(0, 9)]).toEqual([6, 7, 8, 3, 4, 5, 0, 1, 2])
    expect(mirrorImage(mirrored).data).toEqual(new Uint8Array(image.data))
  })
})

describe('ParamMirror', () => {
  const model = symmetricModel()
  const mirror = new ParamMirror(model)
  const params = Float32Array.of(...[0.9, 0.1, -0.3, 50, -0.2, 0.8, 0.1, 30, 0.3, 0.2, 0.9, 10], ...[2, -3, 1.5, 0.7])

  it('lays every landmark where the mirrored picture has its opposite', () => {
    const side = 240
    const frame = { roi: { x1: 100, y1: 50, x2: 340, y2: 290 }, inputSize: 120 }
    const decoder = new SparseDecoder(model)
    const before = decoder.decode(splitParams(model, params), frame)
    const after = decoder.decode(splitParams(model, mirror.unmirror(params, 120, side)), frame)
    for (const [a, b] of [
      [0, 16],
      [20, 23],
      [39, 42],
      [54, 48],
      [8, 8],
    ] as const) {
      // Pixel 100 of the region 100...339 becomes pixel 339.
      expect(after[3 * a]).toBeCloseTo(439 - before[3 * b]!, 2)
      expect(after[3 * a + 1]).toBeCloseTo(before[3 * b + 1]!, 2)
    }
  })

  it('swaps components that mirror each other and is undone by itself', () => {
    const once = mirror.unmirror(params, 120, 240)
    const shape = [...once.subarray(12, 15)]
    ;[2, 1.5, -3].forEach((value, i) => {
      expect(shape[i]).toBeCloseTo(value, 4)
    })
    mirror.unmirror(once, 120, 240).forEach((value, i) => {
      expect(value).toBeCloseTo(params[i]!, 4)
    })
  })

  it('knows a model without shapes', () => {
    const bare = { ...model, shapeCount: 0, expressionCount: 0, basis: new Float32Array(0) }
    expect(new ParamMirror(bare).unmirror(params.subarray(0, 12), 120, 120)).toHaveLength(12)
  })
})
