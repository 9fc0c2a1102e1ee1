import {
  add,
  average,
  batchNorm,
  conv,
  hardSigmoid,
  hardSwish,
  linear,
  type Maps,
  map,
  normalize,
  relu,
  type Weights,
} from './forward.ts'
import type { Saved } from './torch-file.ts'

/** A network of upstream's with seeded weights, and what it gives by plain arithmetic. */
export interface Network {
  readonly size: number
  readonly weights: Weights
  forward(rgb: Uint8Array): Float64Array
}

const PARAMS = 62

class Seeded {
  readonly weights: Record<string, Saved> = {}
  constructor(readonly next: () => number) {}

  tensor(name: string, shape: readonly number[], spread: number, centre = 0): void {
    this.weights[name] = {
      shape,
      data: Float32Array.from(
        { length: shape.reduce((a, b) => a * b, 1) },
        () => centre + (this.next() * 2 - 1) * spread,
      ),
    }
  }

  conv(name: string, out: number, inputs: number, k: number, bias = false): void {
    this.tensor(`${name}.weight`, [out, inputs, k, k], 1.7 / Math.sqrt(inputs * k * k))
    if (bias) this.tensor(`${name}.bias`, [out], 0.1)
  }

  bn(name: string, channels: number): void {
    this.tensor(`${name}.weight`, [channels], 0.2, 1)
    this.tensor(`${name}.bias`, [channels], 0.2)
    this.tensor(`${name}.running_mean`, [channels], 0.2)
    this.tensor(`${name}.running_var`, [channels], 0.3, 1)
  }

  linear(name: string, out: number, inputs: number, bias = true): void {
    this.tensor(`${name}.weight`, [out, inputs], 1 / Math.sqrt(inputs))
    if (bias) this.tensor(`${name}.bias`, [out], 0.1)
  }
}

/** 3DDFA_V2 models/mobilenet_v1.py. */
export function mobileNetV1(next: () => number, width: number): Network {
  const s = new Seeded(next)
  const c = (n: number): number => Math.trunc(n * width)
  const blocks: [string, number, number, number][] = [
    ['dw2_1', 32, 64, 1],
    ['dw2_2', 64, 128, 2],
    ['dw3_1', 128, 128, 1],
    ['dw3_2', 128, 256, 2],
    ['dw4_1', 256, 256, 1],
    ['dw4_2', 256, 512, 2],
    ['dw5_1', 512, 512, 1],
    ['dw5_2', 512, 512, 1],
    ['dw5_3', 512, 512, 1],
    ['dw5_4', 512, 512, 1],
    ['dw5_5', 512, 512, 1],
    ['dw5_6', 512, 1024, 2],
    ['dw6', 1024, 1024, 1],
  ]
  s.conv('conv1', c(32), 3, 3)
  s.bn('bn1', c(32))
  for (const [name, from, to] of blocks) {
    s.conv(`${name}.conv_dw`, c(from), 1, 3)
    s.bn(`${name}.bn_dw`, c(from))
    s.conv(`${name}.conv_sep`, c(to), c(from), 1)
    s.bn(`${name}.bn_sep`, c(to))
  }
  s.linear('fc_param', PARAMS, c(1024))
  const w = s.weights
  return {
    size: 120,
    weights: w,
    forward(rgb) {
      let x = relu(batchNorm(conv(normalize(rgb, 120), w['conv1.weight']!, 2), w, 'bn1'))
      for (const [name, , , stride] of blocks) {
        x = relu(batchNorm(conv(x, w[`${name}.conv_dw.weight`]!, stride, x.channels), w, `${name}.bn_dw`))
        x = relu(batchNorm(conv(x, w[`${name}.conv_sep.weight`]!), w, `${name}.bn_sep`))
      }
      return linear(average(x), w['fc_param.weight']!, w['fc_param.bias'])
    },
  }
}

/** 3DDFA_V2 models/resnet.py (`resnet22`). */
export function resNet22(next: () => number): Network {
  const s = new Seeded(next)
  s.conv('conv1', 32, 3, 5)
  s.bn('bn1', 32)
  s.conv('conv2', 64, 32, 3)
  s.bn('bn2', 64)
  const blocks: [string, number, number, number][] = []
  let from = 64
  for (const [layer, count, to] of [
    [1, 3, 128],
    [2, 4, 256],
    [3, 3, 512],
  ] as const)
    for (let i = 0; i < count; i++) {
      blocks.push([`layer${layer}.${i}`, from, to, i === 0 ? 2 : 1])
      from = to
    }
  for (const [name, inputs, out, stride] of blocks) {
    s.conv(`${name}.conv1`, out, inputs, 3)
    s.bn(`${name}.bn1`, out)
    s.conv(`${name}.conv2`, out, out, 3)
    s.bn(`${name}.bn2`, out)
    if (stride === 2) {
      s.conv(`${name}.downsample.0`, out, inputs, 1)
      s.bn(`${name}.downsample.1`, out)
    }
  }
  s.conv('conv_param', PARAMS, 512, 1, true)
  const w = s.weights
  return {
    size: 120,
    weights: w,
    forward(rgb) {
      let x = relu(batchNorm(conv(normalize(rgb, 120), w['conv1.weight']!, 2), w, 'bn1'))
      x = relu(batchNorm(conv(x, w['conv2.weight']!), w, 'bn2'))
      for (const [name, , , stride] of blocks) {
        const y = relu(batchNorm(conv(x, w[`${name}.conv1.weight`]!, stride), w, `${name}.bn1`))
        const skip =
          stride === 2 ? batchNorm(conv(x, w[`${name}.downsample.0.weight`]!, 2), w, `${name}.downsample.1`) : x
        x = relu(add(batchNorm(conv(y, w[`${name}.conv2.weight`]!), w, `${name}.bn2`), skip))
      }
      return average(conv(x, w['conv_param.weight']!, 1, 1, w['conv_param.bias']))
    },
  }
}

type V3Row = readonly [kernel: number, expansion: number, out: number, se: boolean, swish: boolean, stride: number]
const SMALL: readonly V3Row[] = [
  [3, 16, 16, true, false, 2],
  [3, 72, 24, false, false, 2],
  [3, 88, 24, false, false, 1],
  [5, 96, 40, true, true, 2],
  [5, 240, 40, true, true, 1],
  [5, 240, 40, true, true, 1],
  [5, 120, 48, true, true, 1],
  [5, 144, 48, true, true, 1],
  [5, 288, 96, true, true, 2],
  [5, 576, 96, true, true, 1],
  [5, 576, 96, true, true, 1],
]
const LARGE: readonly V3Row[] = [
  [3, 16, 16, false, false, 1],
  [3, 64, 24, false, false, 2],
  [3, 72, 24, false, false, 1],
  [5, 72, 40, true, false, 2],
  [5, 120, 40, true, false, 1],
  [5, 120, 40, true, false, 1],
  [3, 240, 80, false, true, 2],
  [3, 200, 80, false, true, 1],
  [3, 184, 80, false, true, 1],
  [3, 184, 80, false, true, 1],
  [3, 480, 112, true, true, 1],
  [3, 672, 112, true, true, 1],
  [5, 672, 160, true, true, 2],
  [5, 960, 160, true, true, 1],
  [5, 960, 160, true, true, 1],
]

/** 3DDFA_V2 models/mobilenet_v3.py. */
export function mobileNetV3(next: () => number, mode: 'small' | 'large'): Network {
  const rows = mode === 'small' ? SMALL : LARGE
  const s = new Seeded(next)
  s.conv('features.0.0', 16, 3, 3)
  s.bn('features.0.1', 16)
  let from = 16
  rows.forEach(([k, expansion, out, se], i) => {
    const name = `features.${i + 1}.conv`
    s.conv(`${name}.0`, expansion, from, 1)
    s.bn(`${name}.1`, expansion)
    s.conv(`${name}.3`, expansion, 1, k)
    s.bn(`${name}.4`, expansion)
    if (se) {
      s.linear(`${name}.5.fc.0`, Math.floor(expansion / 4), expansion, false)
      s.linear(`${name}.5.fc.2`, expansion, Math.floor(expansion / 4), false)
    }
    s.conv(`${name}.7`, out, expansion, 1)
    s.bn(`${name}.8`, out)
    from = out
  })
  const last = rows.length + 1
  const wide = mode === 'small' ? 576 : 960
  s.conv(`features.${last}.0`, wide, from, 1)
  s.bn(`features.${last}.1`, wide)
  s.conv(`features.${last + 2}`, 1280, wide, 1, true)
  s.linear('fc', PARAMS, 1280)
  const w = s.weights
  const excite = (x: Maps, name: string): Maps => {
    const gate = linear(
      linear(average(x), w[`${name}.fc.0.weight`]!).map((v) => Math.max(0, v)),
      w[`${name}.fc.2.weight`]!,
    ).map(hardSigmoid)
    return map(x, (v, c) => v * gate[c]!)
  }
  return {
    size: 128,
    weights: w,
    forward(rgb) {
      let x = hardSwish(batchNorm(conv(normalize(rgb, 128), w['features.0.0.weight']!, 2), w, 'features.0.1'))
      rows.forEach(([, , out, se, swish, stride], i) => {
        const name = `features.${i + 1}.conv`
        const activate = swish ? hardSwish : relu
        let y = activate(batchNorm(conv(x, w[`${name}.0.weight`]!), w, `${name}.1`))
        y = batchNorm(conv(y, w[`${name}.3.weight`]!, stride, y.channels), w, `${name}.4`)
        y = activate(se ? excite(y, `${name}.5`) : y)
        y = batchNorm(conv(y, w[`${name}.7.weight`]!), w, `${name}.8`)
        x = stride === 1 && x.channels === out ? add(x, y) : y
      })
      x = hardSwish(batchNorm(conv(x, w[`features.${last}.0.weight`]!), w, `features.${last}.1`))
      const pooled: Maps = { data: average(x), channels: x.channels, height: 1, width: 1 }
      const wide = hardSwish(conv(pooled, w[`features.${last + 2}.weight`]!, 1, 1, w[`features.${last + 2}.bias`]))
      return linear(wide.data, w['fc.weight']!, w['fc.bias'])
    },
  }
}
