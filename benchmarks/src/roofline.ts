// How long each stage would take at what one core of this machine can do at most, and how long it takes.
import { readFileSync } from 'node:fs'
import { createImage, type Face, type FaceAligner, type ImageView, snapRoi } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { exposeActivations } from '@3ddfa/models'
import { openModelStore } from '@3ddfa/models/node'
import { GraphBuilder } from '../../models/src/onnx/graph-builder.ts'
import { parseOnnx } from '../../models/src/quantize/onnx-file.ts'
import { planQuantization } from '../../models/src/quantize/plan.ts'
import { boundingBox, createRenderTarget } from '../../packages/core/src/render/render-target.ts'
import { openAligner } from './compose.ts'
import { measure } from './measure.ts'

/** What one core does at most, measured: multiply-adds of large matrices, and bytes read from arrays of the basis' size. */
export interface Peaks {
  /** Thousand million multiply-adds a second. */
  readonly float32: number
  readonly int8: number
  /** Thousand million bytes a second. */
  readonly bytes: number
}

export interface RooflineRow {
  readonly stage: string
  readonly work: string
  /** Milliseconds at the peak. */
  readonly limit: number
  readonly milliseconds: number
}

export interface Roofline {
  readonly peaks: Peaks
  readonly rows: readonly RooflineRow[]
}

const SIDE = 768

async function matrixPeak(opType: 'MatMul' | 'MatMulInteger'): Promise<number> {
  const graph = new GraphBuilder()
  const type = opType === 'MatMul' ? 'float32' : 'uint8'
  const left = graph.input('a', type, [SIDE, SIDE])
  const ones = SIDE * SIDE
  const right =
    opType === 'MatMul'
      ? graph.floats(new Float32Array(ones).fill(1), [SIDE, SIDE])
      : graph.bytes(new Int8Array(ones).fill(1), [SIDE, SIDE])
  const product = graph.node(opType, [left, right])
  graph.output('c', opType === 'MatMul' ? product : graph.node('Cast', [product], { to: 1 }), [SIDE, SIDE])
  const session = await createNodeSession(graph.finish('peak'), { threads: 1 })
  const data = type === 'float32' ? new Float32Array(ones) : new Uint8Array(ones)
  const { min } = await measure(() => session.run({ a: { type, data, dims: [SIDE, SIDE] } as never }), { budget: 1500 })
  await session.dispose()
  return SIDE ** 3 / min / 1e6
}

/** Comparing two equal arrays reads both and writes nothing. */
async function readingPeak(length: number): Promise<number> {
  const [a, b] = [Buffer.alloc(length, 1), Buffer.alloc(length, 1)]
  const { min } = await measure(() => a.equals(b), { budget: 500 })
  return (2 * length) / min / 1e6
}

/** Multiply-adds of a network's convolutions on one picture. */
async function countProducts(id: string, { data, width, height }: ImageView): Promise<number> {
  const onnx = readFileSync(await openModelStore({ onWarning() {} }).ensure(id))
  const { view, convs } = planQuantization(parseOnnx(onnx).graph)
  const session = await createNodeSession(exposeActivations(onnx), { threads: 1 })
  const outputs = await session.run({ image: { type: 'uint8', data, dims: [1, height, width, 3] } })
  await session.dispose()
  return convs.reduce((sum, { node, output }) => {
    const weight = view.constant(node.input[1])!.dims.map(Number)
    const places = outputs[output]!.dims.reduce((product, dim) => product * dim, 1)
    return sum + places * weight.slice(1).reduce((product, dim) => product * dim, 1)
  }, 0)
}

export async function measureRoofline(image: ImageView): Promise<Roofline> {
  const [exact, bytes] = [await openAligner(), await openAligner({ int8: true })]
  const [face] = (await exact.align(image, { dense: true })) as [Required<Face>]
  const { model, backend } = exact
  const basisBytes = 2 * (model.shapeCount + model.expressionCount) * 3 * model.vertexCount
  const peaks: Peaks = {
    float32: await matrixPeak('MatMul'),
    int8: await matrixPeak('MatMulInteger'),
    bytes: await readingPeak(basisBytes),
  }
  const time = async (body: () => unknown): Promise<number> => (await measure(body, { budget: 700 })).median
  const network = (stage: string, products: number, peak: number, milliseconds: number): RooflineRow => ({
    ...{ stage, work: `${(products / 1e6).toFixed(0)} M multiply-adds`, limit: products / peak / 1e6, milliseconds },
  })
  const memory = (stage: string, work: string, size: number, milliseconds: number): RooflineRow => ({
    ...{ stage, work: `${(size / 1e6).toFixed(1)} MB ${work}`, limit: size / peaks.bytes / 1e6, milliseconds },
  })
  const small = createImage(1080, Math.trunc((1080 / image.width) * image.height))
  const whole = { x1: 0, y1: 0, x2: image.width, y2: image.height }
  backend.resample(image, whole, small)
  const crop = createImage(120, 120)
  backend.resample(image, snapRoi(face.roi), crop)
  const [finding, regressing] = [await countProducts('faceboxes', small), await countProducts('mb05', crop)]
  const detect = (aligner: FaceAligner) => time(() => aligner.detector!.detect(small))
  const regress = (aligner: FaceAligner) => time(() => aligner.regressor.regress([crop]))
  const vertices = new Float32Array(face.vertices.length)
  const target = createRenderTarget(image, [face.vertices])
  const rows = [
    network('FaceBoxes, 1080 wide', finding, peaks.float32, await detect(exact)),
    network('FaceBoxes in 8 bits', finding, peaks.int8, await detect(bytes)),
    network('mb05, a face', regressing, peaks.float32, await regress(exact)),
    network('mb05 in 8 bits', regressing, peaks.int8, await regress(bytes)),
    memory(
      'resize for the detector',
      'of picture read and written',
      image.data.length + small.data.length,
      await time(() => backend.resample(image, whole, small)),
    ),
    memory('dense decode, a face', 'of basis', basisBytes, await time(() => exact.vertices(face, vertices))),
    await rasterRow(exact, image, face, peaks, time),
    await shadeRow(exact, image, face, target, peaks, time),
  ]
  await Promise.all([exact.dispose(), bytes.dispose()])
  return { peaks, rows }
}

type Time = (body: () => unknown) => Promise<number>

/** Triangles, corners and a cleared target, each touched once. */
async function rasterRow(
  { model, backend }: FaceAligner,
  image: ImageView,
  { vertices }: Required<Face>,
  peaks: Peaks,
  time: Time,
): Promise<RooflineRow> {
  const mesh = { vertices, triangles: model.triangles }
  const box = boundingBox(vertices)
  const pixels = (box.x2 - box.x1 + 1) * (box.y2 - box.y1 + 1)
  const size = model.triangles.byteLength + vertices.byteLength + 8 * pixels
  const milliseconds = await time(() => backend.rasterize(mesh, createRenderTarget(image, [vertices])))
  const work = `${model.triangles.length / 3} triangles over ${pixels} pixels, ${(size / 1e6).toFixed(1)} MB`
  return { stage: 'rasterise, a face', work, limit: size / peaks.bytes / 1e6, milliseconds }
}

/** Triangle ids read, corners' numbers gathered, and the picture read and written. */
async function shadeRow(
  { model, backend }: FaceAligner,
  image: ImageView,
  { vertices }: Required<Face>,
  target: ReturnType<typeof createRenderTarget>,
  peaks: Peaks,
  time: Time,
): Promise<RooflineRow> {
  const mesh = { vertices, triangles: model.triangles }
  backend.rasterize(mesh, target)
  const painted = target.triangleIds.reduce((count, id) => count + Number(id >= 0), 0)
  const canvas = { ...image, data: new Uint8Array(image.data) }
  const colors = new Float32Array(vertices.length).fill(0.5)
  const milliseconds = await time(() => backend.shade(mesh, colors, target, canvas, 0.6))
  const size = target.triangleIds.byteLength + model.triangles.byteLength + 2 * vertices.byteLength + 6 * painted
  const work = `${painted} pixels painted, ${(size / 1e6).toFixed(1)} MB`
  return { stage: 'shade, a face', work, limit: size / peaks.bytes / 1e6, milliseconds }
}
