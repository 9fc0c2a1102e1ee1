import { readFileSync } from 'node:fs'
import { checkModel } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { describe, expect, it } from 'vitest'
import { parseNpy, random } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'
import {
  importFaceBoxes,
  importMorphableModel,
  importOnnxDetector,
  importRegressor,
  type NumericArray,
  readMorphableModel,
  readNumpyPickle,
} from '../src/index.ts'
import { mobileNetV1, mobileNetV3, type Network, resNet22 } from './networks.ts'
import { statistics } from './statistics.ts'
import { int, torchZip, unicode } from './torch-file.ts'

describe('regressors with seeded weights give what plain arithmetic gives', () => {
  const next = random(11)
  const mean = Float32Array.from({ length: 62 }, () => next() * 10 - 5)
  const std = Float32Array.from({ length: 62 }, () => next() * 3)

  // Plain arithmetic takes 17 s for ResNet-22 where nothing else runs.
  it.each<[string, Network]>([
    ['MobileNetV1 x0.25', mobileNetV1(next, 0.25)],
    ['ResNet-22', resNet22(next)],
    ['MobileNetV3 small', mobileNetV3(next, 'small')],
    ['MobileNetV3 large', mobileNetV3(next, 'large')],
  ])('%s', { timeout: 240_000 }, async (_, network) => {
    const onnx = importRegressor({ checkpoint: torchZip(network.weights), meanStd: statistics(mean, std) })
    const session = await createNodeSession(onnx, { threads: 1 })
    const bytes = 3 * network.size ** 2
    // A batch of two: the second picture checks the dynamic batch.
    const image = Uint8Array.from({ length: 2 * bytes }, () => next() * 256)
    const { params } = await session.run({
      image: { type: 'uint8', data: image, dims: [2, network.size, network.size, 3] },
    })
    await session.dispose()
    const raw = network.forward(image.subarray(bytes))
    expect(Math.max(...raw.map(Math.abs))).toBeGreaterThan(0.05)
    raw.forEach((value, i) => {
      const expected = value * std[i]! + mean[i]!
      expect(Math.abs((params!.data[62 + i] as number) - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)))
    })
  })

  it('takes no dictionary for an array that has the same entries', () => {
    const { weights } = mobileNetV1(next, 0.25)
    const fake = [0x7d, ...unicode('data'), 0x7d, ...unicode('length'), ...int(62), 0x73, 0x73]
    const entries = ['mean', 'std'].flatMap((name) => [...unicode(name), ...fake, 0x73])
    const meanStd = Uint8Array.from([0x80, 2, 0x7d, ...entries, 0x2e])
    expect(() => importRegressor({ checkpoint: torchZip(weights), meanStd })).toThrow(
      'Expected `mean` and `std` of the same length in the parameter statistics.',
    )
  })

  it('says what an unknown network is', () => {
    const checkpoint = torchZip({ 'stem.weight': { shape: [1], data: Float32Array.of(1) } })
    expect(() => importRegressor({ checkpoint, meanStd: statistics(mean, std) })).toThrow(
      /none of the known networks.*stem.weight/,
    )
  })

  it('refuses numbers of a training that diverged', () => {
    const { weights } = mobileNetV1(next, 0.25)
    const good = statistics(mean, std)
    const broken = (name: string, value: number) => {
      const data = Float32Array.from(weights[name]!.data as Float32Array)
      data[1] = value
      return { checkpoint: torchZip({ ...weights, [name]: { ...weights[name]!, data } }), meanStd: good }
    }
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => importRegressor(broken('conv1.weight', value))).toThrow(
        'conv1.weight of the checkpoint holds something that is no number: the training has diverged.',
      )
    expect(() => importRegressor(broken('bn1.running_var', -1))).toThrow(
      'variances in bn1.running_var of the checkpoint',
    )
    const nowhere = Float32Array.from(mean).fill(Number.NaN, 3, 4)
    expect(() => importRegressor({ checkpoint: torchZip(weights), meanStd: statistics(nowhere, std) })).toThrow(
      'Expected finite numbers as `mean` and `std`',
    )
  })

  it('says what a known network lacks', () => {
    const { 'fc_param.weight': _, ...weights } = mobileNetV1(next, 0.25).weights
    expect(() => importRegressor({ checkpoint: torchZip(weights), meanStd: statistics(mean, std) })).toThrow(
      'The checkpoint is not a MobileNetV1: it has no fc.weight.',
    )
  })

  it('refuses statistics of another length', () => {
    const checkpoint = torchZip(mobileNetV1(next, 0.25).weights)
    expect(() => importRegressor({ checkpoint, meanStd: statistics(mean.slice(1), std.slice(1)) })).toThrow(
      /Expected 61 outputs/,
    )
  })
})

const golden = shared('golden')
const upstream = shared('upstream/3DDFA_V2')
const why = golden && upstream ? '' : ' (skipped: ../shared is not here)'
const npy = (name: string) => parseNpy(readFileSync(`${golden}/${name}.npy`))
const file = (path: string) => readFileSync(`${upstream}/${path}`)
const rgb = (bgr: ArrayLike<number>) => Uint8Array.from(bgr, (_, i) => bgr[i - (i % 3) + 2 - (i % 3)]!)

describe.skipIf(why !== '')(`published files${why}`, () => {
  const images = ['trump_hillary', 'emma']
  const statisticsFile = 'configs/param_mean_std_62d_120x120.pkl'

  it('mb05: raw parameters within 1e-5 of the reference', async () => {
    const session = await createNodeSession(
      importRegressor({ checkpoint: file('weights/mb05_120x120.pth'), meanStd: file(statisticsFile) }),
      { threads: 1 },
    )
    const { mean, std } = readNumpyPickle(file(statisticsFile)) as Record<string, NumericArray>
    let worst = 0
    for (const name of images) {
      const { data, shape } = npy(`${name}_crop`)
      const { params } = await session.run({ image: { type: 'uint8', data: rgb(data), dims: shape } })
      const raw = npy(`${name}_param_raw`).data
      for (let i = 0; i < raw.length; i++) {
        const ours = ((params!.data[i] as number) - Number(mean!.data[i % 62])) / Number(std!.data[i % 62])
        worst = Math.max(worst, Math.abs(ours - raw[i]!))
      }
    }
    await session.dispose()
    console.log(`mb05 raw parameters: largest difference ${worst.toExponential(1)} (bound 1e-5)`)
    expect(worst).toBeLessThan(1e-5)
  })

  it('FaceBoxes: offsets and scores within 2e-5 of the reference', async () => {
    const session = await createNodeSession(
      importFaceBoxes({ checkpoint: file('FaceBoxes/weights/FaceBoxesProd.pth') }),
      { threads: 1 },
    )
    for (const name of images) {
      const { data, shape } = npy(`${name}_fb_scaled_bgr_u8`)
      const outputs = await session.run({ image: { type: 'uint8', data: rgb(data), dims: [1, ...shape] } })
      for (const output of ['loc', 'conf']) {
        const expected = npy(`${name}_fb_${output}`).data
        let worst = 0
        for (let i = 0; i < expected.length; i++)
          worst = Math.max(worst, Math.abs((outputs[output]!.data[i] as number) - expected[i]!))
        expect(worst, `${name} ${output}`).toBeLessThan(2e-5)
      }
    }
    await session.dispose()
  })

  it('the face model is refused where triangles name vertices that it does not have', () => {
    const tri = new Uint8Array(file('configs/tri.pkl'))
    tri.fill(0x3f, tri.length / 2, tri.length / 2 + 16)
    const files = {
      bfm: readFileSync(shared('standin/bfm_noneck_v3.pkl')!),
      ...{ tri, ncc: file('configs/ncc_code.npy'), uv: file('configs/BFM_UV.mat') },
      indices: file('configs/indices.npy'),
    }
    expect(() => importMorphableModel(files, 'test')).toThrow(/Expected triangles of 38365 vertices .* but one names/)
  })

  it('the face model comes through with its values, its landmarks and a texture chart', () => {
    const bfm = readFileSync(shared('standin/bfm_noneck_v3.pkl')!)
    const model = readMorphableModel(
      importMorphableModel(
        {
          bfm,
          tri: file('configs/tri.pkl'),
          ncc: file('configs/ncc_code.npy'),
          uv: file('configs/BFM_UV.mat'),
          indices: file('configs/indices.npy'),
        },
        'test',
      ),
    )
    checkModel(model)
    const source = readNumpyPickle(bfm) as Record<string, NumericArray>
    const components = source.w_shp!.shape[1]!
    for (const [row, k] of [
      [0, 0],
      [100_000, 39],
      [115_094, 7],
    ] as const) {
      expect(model.mean[row]).toBe(source.u!.data[row])
      expect(model.basis[k * 115_095 + row]).toBe(source.w_shp!.data[row * components + k])
    }
    expect(model.basis[45 * 115_095 + 9]).toBe(source.w_exp!.data[9 * source.w_exp!.shape[1]! + 5])
    expect([model.id, model.vertexCount, model.shapeCount, model.expressionCount]).toEqual(['test', 38_365, 40, 10])
    const triangles = npy('tri').data
    expect(model.triangles.every((v, i) => v === triangles[i])).toBe(true)
    // The nose tip lies in the middle of the chart, the chin below it, eyes left and right.
    const at = (landmark: number): [number, number] => [
      model.uv[2 * model.landmarks[landmark]!]!,
      model.uv[2 * model.landmarks[landmark]! + 1]!,
    ]
    expect(at(30)[0]).toBeCloseTo(0.5, 1)
    expect(at(8)[1]).toBeGreaterThan(at(30)[1])
    expect(at(36)[0]).toBeLessThan(at(45)[0])
  })

  it.each(['ultraface', 'yunet'] as const)('%s takes RGB bytes and keeps its outputs', async (kind) => {
    const path = {
      ultraface: 'ultraface/version-RFB-320_without_postprocessing.onnx',
      yunet: 'yunet/yunet_n_dynamic.onnx',
    }[kind]
    const upstreamModel = readFileSync(shared(`upstream/detectors/${path}`)!)
    const [ours, theirs] = await Promise.all(
      [importOnnxDetector({ model: upstreamModel }, kind), upstreamModel].map((model) =>
        createNodeSession(new Uint8Array(model), { threads: 1 }),
      ),
    )
    const next = random(3)
    const image = Uint8Array.from({ length: 240 * 320 * 3 }, () => next() * 256)
    const [height, width] = kind === 'ultraface' ? [240, 320] : [96, 160]
    const planes = new Float32Array(3 * height * width)
    for (let i = 0; i < height * width; i++)
      for (let c = 0; c < 3; c++)
        planes[c * height * width + i] = kind === 'ultraface' ? (image[3 * i + c]! - 127) / 128 : image[3 * i + 2 - c]!
    const a = await ours!.run({
      image: { type: 'uint8', data: image.subarray(0, height * width * 3), dims: [1, height, width, 3] },
    })
    const b = await theirs!.run({ input: { type: 'float32', data: planes, dims: [1, 3, height, width] } })
    for (const [name, { data }] of Object.entries(a))
      data.forEach((v: number | bigint, i: number) => {
        expect(Math.abs(Number(v) - Number(b[name]!.data[i]))).toBeLessThan(1e-4)
      })
    await Promise.all([ours!.dispose(), theirs!.dispose()])
  })

  it('a detector of another kind is refused', () => {
    expect(() =>
      importOnnxDetector(
        { model: readFileSync(shared('upstream/detectors/yunet/yunet_n_dynamic.onnx')!) },
        'ultraface',
      ),
    ).toThrow(/Expected the ultraface network/)
    expect(() => importOnnxDetector({ model: Uint8Array.of(1, 2, 3) }, 'yunet')).toThrow(/not a readable .onnx/)
  })
})

it('refuses a face model with what is no number', () => {
  const file = new URL('../open/face.safetensors', import.meta.url)
  const header = Number(readFileSync(file).readBigUInt64LE(0))
  const tensors = JSON.parse(readFileSync(file).toString('utf8', 8, 8 + header))
  expect(readMorphableModel(readFileSync(file)).vertexCount).toBeGreaterThan(5000)
  for (const [tensor, name, bytes] of [
    ['mean', 'mean', [0, 0, 0xc0, 0x7f]],
    ['uv', 'uv', [0, 0, 0x80, 0xff]],
    ['expression_basis', 'basis', [0, 0x7c]],
  ] as const) {
    const broken = readFileSync(file)
    broken.set(bytes, 8 + header + tensors[tensor].data_offsets[0])
    expect(() => readMorphableModel(broken)).toThrow(`holds something in its ${name} that is no number`)
  }
})
