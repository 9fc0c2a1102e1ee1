import { positionMapVariables } from '../src/index.ts'
import { add, type Maps, map, relu } from './forward.ts'
import type { Saved } from './torch-file.ts'

type Weights = Readonly<Record<string, Saved>>

/** Seeded weights of PRNet's network at another width, small enough that plain arithmetic can follow. */
export function prnetWeights(next: () => number, width: number): Record<string, Saved> {
  const spread = (centre: number, around: number): number => centre + (2 * next() - 1) * around
  return Object.fromEntries(
    positionMapVariables(width).map(({ name, shape }): [string, Saved] => {
      const inputs = name.includes('transpose') ? shape[3]! / 4 : shape[2]!
      const draw = (): number => {
        if (name.endsWith('weights')) return spread(0, 1.7 / Math.sqrt(shape[0]! * shape[1]! * inputs))
        if (name.endsWith('gamma')) return spread(/resBlock(_\d)?\/BatchNorm/.test(name) ? 0.7 : 1, 0.2)
        return name.endsWith('variance') ? spread(1, 0.4) : spread(0, 0.2)
      }
      return [name, { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw) }]
    }),
  )
}

/** PRNet's network step by step with TensorFlow's definitions: what the importer's folded graph must give. */
export function prnetForward(w: Weights, rgb: Uint8Array): Maps {
  const conv = (x: Maps, name: string, stride = 1): Maps => same(x, w[`resfcn256/${name}/weights`]!, stride)
  const cbr = (x: Maps, name: string, stride = 1): Maps => relu(norm(conv(x, name, stride), w, name))
  const data = new Float64Array(3 * 256 * 256)
  for (let i = 0; i < data.length; i++) data[(i % 3) * 65_536 + Math.floor(i / 3)] = rgb[i]! / 255
  let x = cbr({ data, channels: 3, height: 256, width: 256 }, 'Conv')
  for (let i = 0; i < 10; i++) {
    const name = i === 0 ? 'resBlock' : `resBlock_${i}`
    const stride = i % 2 === 0 ? 2 : 1
    const skip = stride === 2 ? conv(x, `${name}/shortcut`, 2) : x
    const deep = conv(cbr(cbr(x, `${name}/Conv`), `${name}/Conv_1`, stride), `${name}/Conv_2`)
    x = relu(norm(add(deep, skip), w, name))
  }
  for (let i = 0; i < 17; i++) {
    const name = i === 0 ? 'Conv2d_transpose' : `Conv2d_transpose_${i}`
    const stride = [1, 4, 7, 10, 12].includes(i) ? 2 : 1
    const y = norm(spread(x, w[`resfcn256/${name}/weights`]!, stride), w, name)
    x = i === 16 ? map(y, (v) => 281.6 / (1 + Math.exp(-v))) : relu(y)
  }
  return x
}

/** tf.nn.conv2d with SAME padding; weights [k][k][in][out]. */
function same(x: Maps, { data: w, shape }: Saved, stride: number): Maps {
  const [k, , , out] = shape as [number, number, number, number]
  const size = Math.ceil(x.height / stride)
  const before = Math.max(0, (size - 1) * stride + k - x.height) >> 1
  const data = new Float64Array(out * size * size)
  each(size, k, stride, before, x.height, (place, from, tap) => {
    for (let c = 0; c < x.channels; c++) {
      const value = x.data[c * x.height * x.width + from]!
      for (let o = 0; o < out; o++) data[o * size * size + place]! += value * w[(tap * x.channels + c) * out + o]!
    }
  })
  return { data, channels: out, height: size, width: size }
}

/** tf.nn.conv2d_transpose with SAME padding, by its definition as the gradient of conv2d; weights [k][k][out][in]. */
function spread(x: Maps, { data: w, shape }: Saved, stride: number): Maps {
  const [k, , out] = shape as [number, number, number, number]
  const size = x.height * stride
  const before = Math.max(0, (x.height - 1) * stride + k - size) >> 1
  const data = new Float64Array(out * size * size)
  each(x.height, k, stride, before, size, (place, to, tap) => {
    for (let c = 0; c < x.channels; c++) {
      const value = x.data[c * x.height * x.width + place]!
      for (let o = 0; o < out; o++) data[o * size * size + to]! += value * w[(tap * out + o) * x.channels + c]!
    }
  })
  return { data, channels: out, height: size, width: size }
}

/** All pairs of a place on the small side of a convolution and one under its kernel on the large side. */
function each(
  small: number,
  k: number,
  stride: number,
  before: number,
  large: number,
  visit: (place: number, other: number, tap: number) => void,
): void {
  for (let y = 0; y < small; y++)
    for (let x = 0; x < small; x++)
      for (let dy = 0; dy < k; dy++)
        for (let dx = 0; dx < k; dx++) {
          const [v, u] = [y * stride + dy - before, x * stride + dx - before]
          if (v >= 0 && u >= 0 && v < large && u < large) visit(y * small + x, v * large + u, dy * k + dx)
        }
}

function norm(x: Maps, w: Weights, name: string): Maps {
  const part = (key: string): Float32Array => w[`resfcn256/${name}/BatchNorm/${key}`]!.data
  const [gamma, beta, mean, variance] = [part('gamma'), part('beta'), part('moving_mean'), part('moving_variance')]
  return map(x, (v, c) => ((v - mean[c]!) / Math.sqrt(variance[c]! + 1e-3)) * gamma[c]! + beta[c]!)
}
