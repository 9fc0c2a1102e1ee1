import type { Saved } from './torch-file.ts'

/** Feature maps [channels][height][width] in doubles: the slow, obvious twin of the networks that the importer writes. */
export interface Maps {
  readonly data: Float64Array
  readonly channels: number
  readonly height: number
  readonly width: number
}

export type Weights = Readonly<Record<string, Saved>>

export function conv(x: Maps, { data: w, shape }: Saved, stride = 1, groups = 1, bias?: Saved): Maps {
  const [out, inPerGroup, k] = shape as [number, number, number, number]
  const pad = k >> 1
  const height = Math.floor((x.height + 2 * pad - k) / stride) + 1
  const width = Math.floor((x.width + 2 * pad - k) / stride) + 1
  const data = new Float64Array(out * height * width)
  for (let o = 0; o < out; o++) {
    const group = Math.floor(o / (out / groups))
    for (let y = 0; y < height; y++)
      for (let column = 0; column < width; column++) {
        let sum = bias ? bias.data[o]! : 0
        for (let c = 0; c < inPerGroup; c++)
          for (let dy = 0; dy < k; dy++) {
            const sy = y * stride + dy - pad
            if (sy < 0 || sy >= x.height) continue
            const row = ((group * inPerGroup + c) * x.height + sy) * x.width
            const weight = ((o * inPerGroup + c) * k + dy) * k
            for (let dx = 0; dx < k; dx++) {
              const sx = column * stride + dx - pad
              if (sx >= 0 && sx < x.width) sum += x.data[row + sx]! * w[weight + dx]!
            }
          }
        data[(o * height + y) * width + column] = sum
      }
  }
  return { data, channels: out, height, width }
}

export function map(x: Maps, f: (value: number, channel: number) => number): Maps {
  const plane = x.height * x.width
  return { ...x, data: x.data.map((v, i) => f(v, Math.floor(i / plane))) }
}

export function batchNorm(x: Maps, w: Weights, name: string): Maps {
  const part = (key: string): Float32Array => w[`${name}.${key}`]!.data
  const [gamma, beta, mean, variance] = [part('weight'), part('bias'), part('running_mean'), part('running_var')]
  return map(x, (v, c) => ((v - mean[c]!) / Math.sqrt(variance[c]! + 1e-5)) * gamma[c]! + beta[c]!)
}

export const relu = (x: Maps): Maps => map(x, (v) => Math.max(0, v))
const relu6 = (v: number): number => Math.max(0, Math.min(6, v))
export const hardSwish = (x: Maps): Maps => map(x, (v) => (v * relu6(v + 3)) / 6)
export const hardSigmoid = (v: number): number => relu6(v + 3) / 6
export const add = (a: Maps, b: Maps): Maps => ({ ...a, data: a.data.map((v, i) => v + b.data[i]!) })

export function average(x: Maps): Float64Array {
  const plane = x.height * x.width
  return Float64Array.from(
    { length: x.channels },
    (_, c) => x.data.subarray(c * plane, (c + 1) * plane).reduce((a, b) => a + b, 0) / plane,
  )
}

export function linear(x: Float64Array, { data: w, shape }: Saved, bias?: Saved): Float64Array {
  return Float64Array.from({ length: shape[0]! }, (_, o) =>
    x.reduce((sum, v, i) => sum + v * w[o * x.length + i]!, bias ? bias.data[o]! : 0),
  )
}

/** The reference's input: BGR planes of (pixel - 127.5) / 128 from RGB bytes. */
export function normalize(rgb: Uint8Array, size: number): Maps {
  const data = new Float64Array(3 * size * size)
  for (let i = 0; i < size * size; i++)
    for (let c = 0; c < 3; c++) data[c * size * size + i] = (rgb[3 * i + 2 - c]! - 127.5) / 128
  return { data, channels: 3, height: size, width: size }
}
