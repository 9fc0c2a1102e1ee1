import { readFileSync } from 'node:fs'
import type { Tensor } from '@3ddfa/core'
import { createNodeSession, simplifyNetwork } from '@3ddfa/inference/node'
import { describe, expect, it } from 'vitest'
import { random } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'
import { calibrate, exposeActivations, importFaceBoxes, importRegressor, quantizeNetwork } from '../src/index.ts'
import { makeTensor } from '../src/quantize/onnx-file.ts'
import { affineOf, affinesOf } from '../src/quantize/ranges.ts'
import { quantizeWeights } from '../src/quantize/weights.ts'
import { mobileNetV1, mobileNetV3 } from './networks.ts'
import { statistics } from './statistics.ts'
import { torchZip } from './torch-file.ts'

const next = random(23)

/** Blurred noise: neighbouring pixels are alike, as in pictures. */
function picture(height: number, width: number): Tensor {
  const data = new Uint8Array(height * width * 3)
  const at = [3 + 20 * next(), 3 + 20 * next()]
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    data[i] = 128 + 90 * Math.sin(x / at[0]! + (i % 3)) * Math.cos(y / at[1]!) + 30 * (next() - 0.5)
  }
  return { type: 'uint8', data, dims: [1, height, width, 3] }
}

async function run(onnx: Uint8Array, image: Tensor): Promise<Record<string, Float32Array>> {
  const session = await createNodeSession(onnx, { threads: 1 })
  const outputs = await session.run({ image })
  await session.dispose()
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]))
}

async function quantized(onnx: Uint8Array, pictures: readonly Tensor[]): Promise<Uint8Array> {
  const session = await createNodeSession(exposeActivations(onnx), { threads: 1 })
  const ranges = await calibrate(session, pictures)
  await session.dispose()
  return quantizeNetwork(onnx, ranges)
}

/** Size of the difference of two networks' parameters against that of the first one's. */
async function relativeError(float: Uint8Array, other: Uint8Array, size: number): Promise<number> {
  let [error, length] = [0, 0]
  for (let i = 0; i < 4; i++) {
    const image = picture(size, size)
    const expected = (await run(float, image))['params']!
    const actual = (await run(other, image))['params']!
    expected.forEach((value, k) => {
      error += (actual[k]! - value) ** 2
      length += value ** 2
    })
  }
  return Math.sqrt(error / length)
}

describe('networks in 8 bits', () => {
  const files = (network: ReturnType<typeof mobileNetV1>) => ({
    checkpoint: torchZip(network.weights),
    meanStd: statistics(new Float32Array(62), new Float32Array(62).fill(1)),
  })

  it.each([
    ['MobileNetV1', mobileNetV1(next, 0.25)],
    ['MobileNetV3, with sums and gates', mobileNetV3(next, 'small')],
  ])('%s: says nearly the same, at less than half the size', async (_, network) => {
    const float = importRegressor(files(network))
    const bytes = await quantized(
      float,
      Array.from({ length: 6 }, () => picture(network.size, network.size)),
    )
    expect(bytes.length).toBeLessThan(0.5 * float.length)
    // 0.005 and 0.007, on all processors. With sums that saturate at 16 bits the second one is 0.1.
    expect(await relativeError(float, bytes, network.size)).toBeLessThan(0.02)
  })

  it('our own network: weights stored narrow, batch norms and clips', async () => {
    const packed = readFileSync(new URL('../open/regressor.onnx', import.meta.url))
    expect(() => exposeActivations(packed)).toThrow('convolutions whose weights are float32 constants')
    const float = await simplifyNetwork(packed)
    const image = picture(120, 120)
    const expected = (await run(packed, image))['params']!
    ;(await run(float, image))['params']!.forEach((value, k) => {
      expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected[k]!)))
    })
    const bytes = await quantized(
      float,
      Array.from({ length: 6 }, () => picture(120, 120)),
    )
    expect(bytes.length).toBeLessThan(0.5 * float.length)
    const error = await relativeError(float, bytes, 120)
    expect(error).toBeGreaterThan(0)
    expect(error).toBeLessThan(0.1)
  })

  it('is refused where ranges are missing, or the file is no network', () => {
    const float = importRegressor(files(mobileNetV1(next, 0.25)))
    expect(() => quantizeNetwork(float, {})).toThrow('calibrate this network')
    expect(() => quantizeNetwork(float.subarray(0, 1000), {})).toThrow('not a readable .onnx')
    expect(() => exposeActivations(new Uint8Array(0))).toThrow('holds no network')
  })

  it('zero is exact in every range, since pictures are padded with it', () => {
    for (const range of [
      [-1, 3],
      [0.5, 2],
      [-4, -1],
      [0, 0],
    ] as const) {
      const { scale, zeroPoint } = affineOf(range)
      expect(Number.isInteger(zeroPoint) && zeroPoint >= 0 && zeroPoint <= 255).toBe(true)
      expect(scale * (255 - zeroPoint)).toBeGreaterThan(range[1] - scale)
      expect(-scale * zeroPoint).toBeLessThan(range[0] + scale)
    }
  })

  it('what is tied by way of another has one range, around all of theirs', () => {
    const ranges = { pooled: [-1, 2], joined: [0, 3], beside: [-4, 1], alone: [0, 1] } as const
    const ties = [
      ['pooled', 'joined'],
      ['joined', 'beside'],
    ]
    const affines = affinesOf(Object.keys(ranges), ties, ranges)
    for (const name of ['pooled', 'joined', 'beside']) expect(affines.get(name), name).toEqual(affineOf([-4, 3]))
    expect(affines.get('alone')).toEqual(affineOf([0, 1]))
  })

  it('a bias that is large beside its weights keeps its value, and leaves sums of 32 bits their room', () => {
    const weight = makeTensor('weight', 'float32', Float32Array.of(1e-6), [1, 1, 1, 1])
    const bias = makeTensor('bias', 'float32', Float32Array.of(1000), [1])
    const inputScale = 1 / 255
    const { bias: whole, scales } = quantizeWeights(weight, bias, inputScale)
    expect(whole[0]! * inputScale * scales[0]!).toBeCloseTo(1000, 3)
    expect(whole[0]).toBeLessThan(2 ** 30)
  })

  it('weights that are no numbers are refused', () => {
    const one = makeTensor('weight', 'float32', Float32Array.of(1), [1, 1, 1, 1])
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const broken = makeTensor('broken', 'float32', Float32Array.of(value), [1, 1, 1, 1])
      expect(() => quantizeWeights(broken, undefined, 1)).toThrow('The weights broken hold something that is no number')
      expect(() => quantizeWeights(one, { ...broken, dims: [1n] }, 1)).toThrow('hold something that is no number')
    }
  })
})

const checkpoint = shared('upstream/3DDFA_V2/FaceBoxes/weights/FaceBoxesProd.pth')
const why = checkpoint ? '' : ' (skipped: ../shared/upstream is not here)'

describe.skipIf(!checkpoint)(`FaceBoxes for 8 bits${why}`, () => {
  it.each([
    [120, 200],
    [131, 197],
  ])('gives the same numbers, %i x %i', async (height, width) => {
    const file = { checkpoint: readFileSync(checkpoint!) }
    const image = picture(height, width)
    const [float, integer] = [
      await run(importFaceBoxes(file), image),
      await run(importFaceBoxes(file, 'integer'), image),
    ]
    // The last column may be padded: with the mean of the three channels' means instead of each one's own.
    const bound = width % 4 === 0 ? 2e-5 : 0.2
    for (const name of ['loc', 'conf']) {
      expect(integer[name]!.length).toBe(float[name]!.length)
      expect(Math.max(...integer[name]!.map((v, i) => Math.abs(v - float[name]![i]!)))).toBeLessThan(bound)
    }
  })
})
