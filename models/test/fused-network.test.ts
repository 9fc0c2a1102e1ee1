import { readFileSync } from 'node:fs'
import { type MorphableModel, ReferenceBackend, SparseDecoder, splitParams } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { describe, expect, it } from 'vitest'
import { parseNpy, random } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'
import {
  type FusedOptions,
  importFusedNetwork,
  importMorphableModel,
  importRegressor,
  readMorphableModel,
} from '../src/index.ts'
import { mobileNetV1 } from './networks.ts'
import { statistics } from './statistics.ts'
import { torchZip } from './torch-file.ts'

const SIZE = 120
/** With this region pixels of the picture are those of the crop. */
const FRAME = { roi: { x1: 0, y1: 0, x2: SIZE, y2: SIZE }, inputSize: SIZE }
const backend = new ReferenceBackend()

async function run(onnx: Uint8Array, image: Uint8Array): Promise<Record<string, Float32Array>> {
  const session = await createNodeSession(onnx, { threads: 1 })
  const dims = [image.length / (3 * SIZE * SIZE), SIZE, SIZE, 3]
  const outputs = await session.run({ image: { type: 'uint8', data: image, dims } })
  await session.dispose()
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]))
}

/** Largest difference in pixels between the network's vertices of a face and the two-stage ones, whose smallest z is 0. */
function difference(fused: Float32Array, twoStage: Float32Array): number {
  const least = fused.reduce((low, value, i) => (i % 3 === 2 ? Math.min(low, value) : low), Infinity)
  return twoStage.reduce(
    (worst, value, i) => Math.max(worst, Math.abs(fused[i]! - (i % 3 === 2 ? least : 0) - value)),
    0,
  )
}

describe('regressor and face model as one network', () => {
  const next = random(17)
  const noise = (length: number, size: number): Float32Array =>
    Float32Array.from({ length }, () => (2 * next() - 1) * size)
  const vertexCount = 300
  const model: MorphableModel = {
    id: 'noise',
    vertexCount,
    shapeCount: 40,
    expressionCount: 10,
    mean: noise(3 * vertexCount, 50),
    basis: noise(150 * vertexCount, 1),
    triangles: new Uint32Array(0),
    landmarks: Uint32Array.from({ length: 68 }, () => next() * vertexCount),
    uv: new Float32Array(2 * vertexCount),
    ncc: new Float32Array(3 * vertexCount),
  }
  const network = mobileNetV1(next, 0.25)
  const width = network.weights['fc_param.weight']!.shape[1]!
  const weights = {
    ...network.weights,
    'fc_lm.weight': { shape: [136, width], data: noise(136 * width, 0.1) },
    'fc_lm.bias': { shape: [136], data: noise(136, 0.5) },
  }
  const files = { checkpoint: torchZip(weights), meanStd: statistics(noise(62, 1), noise(62, 1)) }
  const image = Uint8Array.from({ length: 6 * SIZE * SIZE }, () => next() * 256)

  it.each(['sparse', 'dense'] as const)('gives the %s vertices and camera of the two stages', async (vertices) => {
    const [{ params }, fused] = await Promise.all([
      run(importRegressor(files), image),
      run(importFusedNetwork(files, model, { vertices }), image),
    ])
    const n = vertices === 'dense' ? vertexCount : 68
    for (const face of [0, 1]) {
      const own = splitParams(model, params!.slice(62 * face, 62 * (face + 1)))
      const expected =
        vertices === 'dense' ? backend.decode(model, own, FRAME) : new SparseDecoder(model).decode(own, FRAME)
      expect(difference(fused['vertices']!.subarray(3 * n * face, 3 * n * (face + 1)), expected)).toBeLessThan(1e-3)
      const camera = fused['camera']!.subarray(12 * face, 12 * (face + 1))
      for (const [i, value] of camera.entries()) expect(value).toBeCloseTo(own.camera[i]!, 4)
    }
    expect(Object.keys(fused).sort()).toEqual(['camera', 'vertices'])
  })

  it('adds the landmark layer when asked for', async () => {
    const { landmarks } = await run(importFusedNetwork(files, model, { landmarkHead: true }), image)
    // The same layer under the parameters' name gives its raw outputs.
    const renamed = { ...weights, 'fc_param.weight': weights['fc_lm.weight'], 'fc_param.bias': weights['fc_lm.bias'] }
    const raw = {
      checkpoint: torchZip(renamed),
      meanStd: statistics(new Float32Array(136), new Float32Array(136).fill(1)),
    }
    const { params } = await run(importRegressor(raw), image)
    for (let i = 0; i < 2 * 136; i++) {
      const [face, point, axis] = [Math.floor(i / 136), Math.floor((i % 136) / 2), i % 2]
      expect(landmarks![i]).toBeCloseTo(60 * params![136 * face + 68 * axis + point]! + 60, 3)
    }
  })

  it('says what does not fit', () => {
    expect(() => importFusedNetwork(files, { ...model, shapeCount: 39 })).toThrow(
      'gives 50 coefficients, but the face model has 39 + 10',
    )
    const other = { ...files, checkpoint: torchZip(network.weights) }
    expect(() => importFusedNetwork(other, model, { landmarkHead: true })).toThrow('has no landmark layer fc_lm')
  })
})

const golden = shared('golden')
const upstream = shared('upstream/3DDFA_V2')
const why = golden && upstream ? '' : ' (skipped: ../shared is not here)'

describe.skipIf(why !== '')(`mb05 with the face model${why}`, () => {
  const file = (path: string) => readFileSync(`${upstream}/${path}`)
  const npy = (name: string) => parseNpy(readFileSync(`${golden}/${name}.npy`))

  it.each<[string, FusedOptions, string, number]>([
    ['sparse', { vertices: 'sparse', landmarkHead: true }, 'lms68', 68],
    ['dense', { vertices: 'dense' }, 'dense', 38_365],
  ])('gives the %s vertices of the reference', async (_, options, name, n) => {
    const [tri, ncc, uv, indices] = ['tri.pkl', 'ncc_code.npy', 'BFM_UV.mat', 'indices.npy'].map((f) =>
      file(`configs/${f}`),
    )
    const bfm = readFileSync(shared('standin/bfm_noneck_v3.pkl')!)
    const model = readMorphableModel(
      importMorphableModel({ bfm, tri: tri!, ncc: ncc!, uv: uv!, indices: indices! }, 'test'),
    )
    const files = {
      checkpoint: file('weights/mb05_120x120.pth'),
      meanStd: file('configs/param_mean_std_62d_120x120.pkl'),
    }
    const onnx = importFusedNetwork(files, model, options)
    let [worst, apart] = [0, 0]
    for (const picture of ['trump_hillary', 'emma']) {
      const crops = npy(`${picture}_crop`).data
      const { vertices, landmarks } = await run(
        onnx,
        Uint8Array.from(crops, (_, i) => crops[i - (i % 3) + 2 - (i % 3)]!),
      )
      const [rois, expected] = [npy(`${picture}_roi`).data, npy(`${picture}_${name}`).data]
      for (let face = 0; face < rois.length / 4; face++) {
        const [x1, y1, x2] = rois.subarray(4 * face, 4 * face + 3)
        const scale = (x2! - x1!) / SIZE
        for (let i = 0; i < n; i++) {
          const [x, y] = [expected[3 * n * face + i]!, expected[3 * n * face + n + i]!]
          worst = Math.max(worst, Math.abs(vertices![3 * (n * face + i)]! * scale + x1! - x) / scale)
          worst = Math.max(worst, Math.abs(vertices![3 * (n * face + i) + 1]! * scale + y1! - y) / scale)
          if (landmarks)
            apart = Math.max(
              apart,
              Math.hypot(
                landmarks[2 * (n * face + i)]! * scale + x1! - x,
                landmarks[2 * (n * face + i) + 1]! * scale + y1! - y,
              ) / scale,
            )
        }
      }
    }
    console.log(
      `fused ${name}: largest difference ${worst.toExponential(1)} px of the crop (bound 1e-3); fc_lm at most ${apart.toFixed(2)} px from the model's points (bound 3)`,
    )
    expect(worst).toBeLessThan(1e-3)
    expect(apart).toBeLessThan(3)
  })
})
