import type { FaceBox, ImageView, Session, Tensor } from '@3ddfa/core'
import type { Fit } from './fit.ts'
import { createPriors, type PriorLevel } from './priors.ts'

/** A box without its score's rounding or its type's names: x1 y1 x2 y2 score. */
export type Planted = readonly [number, number, number, number, number]

/** What a fake network needs to answer like a real one. */
export interface FakeNetwork {
  readonly outputs: readonly string[]
  /** Outputs that decode to `faces` (input pixels), for an input of this size. */
  encode(faces: readonly Planted[], width: number, height: number): Record<string, Float32Array>
}

/** A session whose network sees `faces` in every picture; `calls` keeps what it was fed. */
export function fakeSession(network: FakeNetwork, faces: readonly Planted[]): Session & { calls: Tensor[] } {
  const calls: Tensor[] = []
  return {
    calls,
    inputs: [{ name: 'image', type: 'uint8', dims: [1, -1, -1, 3] }],
    outputs: network.outputs.map((name) => ({ name, type: 'float32', dims: [1, -1, -1] })),
    async run({ image }) {
      calls.push({ ...image!, data: image!.data.slice() as Uint8Array })
      const arrays = network.encode(faces, image!.dims[2]!, image!.dims[1]!)
      return Object.fromEntries(
        Object.entries(arrays).map(([name, data]) => [name, { type: 'float32', data, dims: [1, data.length] }]),
      )
    },
    async dispose() {},
  }
}

/** Encodes each face on the prior whose size and place come closest: the inverse of SSD's decoding. */
export function encodeOnPriors(
  faces: readonly Planted[],
  priors: Float32Array,
  names: { offsets: string; scores: string },
): Record<string, Float32Array> {
  const offsets = new Float32Array(priors.length)
  const scores = new Float32Array(priors.length / 2)
  const taken = new Set<number>()
  for (const [x1, y1, x2, y2, score] of faces) {
    const [cx, cy, w, h] = [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]
    const at = nearestPrior(priors, [cx, cy, w, h], taken)
    taken.add(at)
    offsets[at] = (cx - priors[at]!) / priors[at + 2]! / 0.1
    offsets[at + 1] = (cy - priors[at + 1]!) / priors[at + 3]! / 0.1
    offsets[at + 2] = Math.log(w / priors[at + 2]!) / 0.2
    offsets[at + 3] = Math.log(h / priors[at + 3]!) / 0.2
    scores[at / 2 + 1] = score
  }
  return { [names.offsets]: offsets, [names.scores]: scores }
}

function nearestPrior(priors: Float32Array, [cx, cy, w, h]: readonly number[], taken: Set<number>): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < priors.length; at += 4) {
    const distance =
      (Math.abs(priors[at]! - cx!) + Math.abs(priors[at + 1]! - cy!)) / w! +
      Math.abs(Math.log(priors[at + 2]! / w!)) +
      Math.abs(Math.log(priors[at + 3]! / h!))
    if (distance < least && !taken.has(at)) {
      best = at
      least = distance
    }
  }
  return best
}

const level = (stride: number, ...anchors: [size: number, density: number][]): PriorLevel => ({
  stride,
  anchors: anchors.map(([size, density]) => ({ size, density })),
})

export const fakeFaceBoxes: FakeNetwork = {
  outputs: ['loc', 'conf'],
  encode(faces, width, height) {
    const levels = [level(32, [32, 4], [64, 2], [128, 1]), level(64, [256, 1]), level(128, [512, 1])]
    return encodeOnPriors(faces, createPriors(levels, { width, height }), { offsets: 'loc', scores: 'conf' })
  },
}

export const fakeUltraFace: FakeNetwork = {
  outputs: ['scores', 'boxes'],
  encode(faces, width, height) {
    const levels = [
      level(8, [10, 1], [16, 1], [24, 1]),
      level(16, [32, 1], [48, 1]),
      level(32, [64, 1], [96, 1]),
      level(64, [128, 1], [192, 1], [256, 1]),
    ]
    const priors = createPriors(levels, { width, height }).map((v, i) => (i % 4 === 3 ? Math.min(v, height) : v))
    return encodeOnPriors(faces, priors, { offsets: 'boxes', scores: 'scores' })
  },
}

export const fakeYuNet: FakeNetwork = {
  outputs: [8, 16, 32].flatMap((stride) => [`cls_${stride}`, `obj_${stride}`, `bbox_${stride}`]),
  encode(faces, width, height) {
    const result: Record<string, Float32Array> = {}
    for (const stride of [8, 16, 32]) {
      const count = (width / stride) * (height / stride)
      for (const [name, per] of [
        ['cls', 1],
        ['obj', 1],
        ['bbox', 4],
      ] as const)
        result[`${name}_${stride}`] = new Float32Array(per * count)
    }
    for (const [x1, y1, x2, y2, score] of faces) {
      const stride = x2 - x1 < 48 ? 8 : x2 - x1 < 96 ? 16 : 32
      const columns = width / stride
      const [cx, cy] = [(x1 + x2) / 2 / stride, (y1 + y2) / 2 / stride]
      // A face whose centre lies outside belongs to the nearest cell.
      const column = Math.max(0, Math.min(columns - 1, Math.floor(cx)))
      const row = Math.max(0, Math.min(height / stride - 1, Math.floor(cy)))
      const cell = row * columns + column
      result[`cls_${stride}`]![cell] = score
      result[`obj_${stride}`]![cell] = score
      const shape = [cx - column, cy - row, Math.log((x2 - x1) / stride), Math.log((y2 - y1) / stride)]
      result[`bbox_${stride}`]!.set(shape, 4 * cell)
    }
    return result
  },
}

/** A box of the input in picture pixels. */
export function toPicture([x1, y1, x2, y2, score]: Planted, { scaleX, scaleY }: Fit): FaceBox {
  return { x1: x1 * scaleX, y1: y1 * scaleY, x2: x2 * scaleX, y2: y2 * scaleY, score }
}

/** A picture of one value a channel: R, G, B and, where asked, an alpha of 7 that nobody may read. */
export function flat(width: number, height: number, channels: 3 | 4 = 3): ImageView {
  const data = new Uint8Array(width * height * channels)
  const pixel = [10, 20, 30, 7].slice(0, channels)
  for (let i = 0; i < data.length; i++) data[i] = pixel[i % channels]!
  return { data, width, height, channels }
}
