import { createImage, type ImageView } from './image.ts'
import { sampleBilinear } from './texture/sample.ts'

/** A small seeded generator for tests (mulberry32): numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** The numbers and shape of a little-endian .npy file (f4, f8, i4, u1), enough for golden data. */
export function parseNpy(bytes: Uint8Array): {
  data: Float32Array | Float64Array | Int32Array | Uint8Array
  shape: number[]
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = bytes[6] === 1 ? 10 : 12
  const end = start + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true))
  const header = String.fromCharCode(...bytes.subarray(start, end))
  const type = /'descr': '[<|]?(\w\d)'/.exec(header)![1]!
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(',')
    .filter((s) => s.trim())
    .map(Number)
  const body = Uint8Array.from(bytes.subarray(end)).buffer
  const make = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array }[type]
  if (!make || header.includes("'fortran_order': True")) throw new Error(`Unexpected .npy: ${header}`)
  return { data: new make(body), shape }
}

/** Golden vertices [3][n] (rows x, y, z) of face `index` as our [3n] x y z. */
export function interleave(rows: ArrayLike<number>, count: number, index = 0): Float32Array {
  const out = new Float32Array(3 * count)
  for (let axis = 0; axis < 3; axis++)
    for (let i = 0; i < count; i++) out[3 * i + axis] = rows[(3 * index + axis) * count + i]!
  return out
}

/** A picture turned clockwise around its middle, in a black square that holds all of it, and where a point of it is then. */
export function rotatedPicture(
  image: ImageView,
  degrees: number,
): { image: ImageView; point: (x: number, y: number) => [x: number, y: number] } {
  const { width, height } = image
  const side = Math.ceil(Math.hypot(width, height))
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  const [cx, cy, middle] = [(width - 1) / 2, (height - 1) / 2, (side - 1) / 2]
  const out = createImage(side, side)
  const color = new Float32Array(3)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [dx, dy] = [x - middle, y - middle]
      const [sx, sy] = [cosine * dx + sine * dy + cx, cosine * dy - sine * dx + cy]
      if (sx < 0 || sy < 0 || sx > width - 1 || sy > height - 1) continue
      sampleBilinear(image, sx, sy, color, 0)
      out.data.set(color, 3 * (y * side + x))
    }
  const point = (x: number, y: number): [number, number] => [
    cosine * (x - cx) - sine * (y - cy) + middle,
    cosine * (y - cy) + sine * (x - cx) + middle,
  ]
  return { image: out, point }
}

/** Where the middle of a pixel of a picture of this size is after so many quarter turns, clockwise. */
export function turnedPoint(
  [x, y]: readonly [number, number],
  turns: 0 | 1 | 2 | 3,
  { width, height }: Pick<ImageView, 'width' | 'height'>,
): readonly [x: number, y: number] {
  return (
    [
      [x, y],
      [height - 1 - y, x],
      [width - 1 - x, height - 1 - y],
      [y, width - 1 - x],
    ] as const
  )[turns]
}
