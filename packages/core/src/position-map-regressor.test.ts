import { describe, expect, it } from 'vitest'
import { FaceAligner } from './face-aligner.ts'
import { transformPoints } from './fit/transform.ts'
import { canonicalVertices } from './fit/vertex-pose.ts'
import { createImage, type ImageView } from './image.ts'
import { checkModel } from './model.ts'
import { rotationFromAngles } from './pose.ts'
import { toyTopology } from './position-map/toy-topology.ts'
import { cropForPositionMap } from './position-map-crop.ts'
import { modelOfTopology, PositionMapRegressor } from './position-map-regressor.ts'
import { ReferenceBackend } from './reference/reference-backend.ts'
import type { Mat3 } from './rotation.ts'
import type { Session, Tensor } from './session.ts'

const { topology } = toyTopology()
const { size, cells } = topology
const ROI = { x1: 30.5, y1: -12.25, x2: 130.5, y2: 87.75 }
/** Pixels of the picture a pixel of the map, which has the ROI's corners in the centres of its own. */
const SCALE = 100 / (size - 1)

/** The canonical face as it would stand in the crop: turned, scaled and shifted. */
const ANGLES = { pitch: 0.2, yaw: -0.4, roll: 0.1 }
const r = rotationFromAngles(ANGLES)
// The frame of the picture has y down.
const matrix = [r[0], -r[1], r[2], -r[3], r[4], -r[5], r[6], -r[7], r[8]].map((v) => 9 * v) as unknown as Mat3
const inCrop = transformPoints({ matrix, translation: [15, 17, 40] }, topology.canonical)

function fakeSession(log: Tensor[] = []): Session {
  const info = (name: string, type: 'uint8' | 'float32') => ({ name, type, dims: [-1, size, size, 3] })
  return {
    inputs: [info('image', 'uint8')],
    outputs: [info('positions', 'float32')],
    async run({ image }) {
      log.push(image!)
      const count = image!.dims[0]!
      const data = new Float32Array(3 * size * size * count).fill(7)
      for (let face = 0; face < count; face++)
        for (let i = 0; i < cells.length; i++)
          for (let k = 0; k < 3; k++) data[3 * (face * size * size + cells[i]!) + k] = inCrop[3 * i + k]! + face
      return { positions: { type: 'float32', data, dims: [count, size, size, 3] } }
    },
    dispose: async () => {},
  }
}

/** A picture whose colours tell where they are. */
function slopes(): ImageView {
  const image = createImage(120, 90)
  for (let y = 0; y < 90; y++) for (let x = 0; x < 120; x++) image.data.set([2 * x, 2 * y, 255], 3 * (y * 120 + x))
  return image
}

describe('cropForPositionMap', () => {
  it("puts the region's corners into the centres of the corner pixels", () => {
    const crop = cropForPositionMap(slopes(), { x1: 10, y1: 20, x2: 41, y2: 51 }, 32)
    const at = (x: number, y: number): number[] =>
      Array.from(crop.data.subarray(3 * (32 * y + x), 3 * (32 * y + x) + 3))
    expect(at(0, 0)).toEqual([20, 40, 255])
    expect(at(31, 31)).toEqual([82, 102, 255])
    expect(at(5, 9)).toEqual([30, 58, 255])
  })

  it('is black outside of the picture and fades to black over one pixel', () => {
    const white = { ...createImage(10, 10, 4), data: new Uint8Array(400).fill(200) }
    const crop = cropForPositionMap(white, { x1: -1.5, y1: 2, x2: 1.5, y2: 5 }, 7)
    // Places -1.5, -1, -0.5, 0, ... along each row.
    expect([0, 1, 2, 3].map((x) => crop.data[3 * x])).toEqual([0, 0, 100, 200])
    expect(crop.channels).toBe(3)
  })

  it('is bilinear between pixels', () => {
    const crop = cropForPositionMap(slopes(), { x1: 10.25, y1: 20.5, x2: 20.25, y2: 30.5 }, 11)
    expect(Array.from(crop.data.subarray(0, 3))).toEqual([21, 41, 255])
  })
})

describe('PositionMapRegressor', () => {
  it.each([1, 2, 3] as const)('turns the crop %i times, and what it sees back into the picture', async (turns) => {
    const region = { x1: 10, y1: 20, x2: 10 + size - 1, y2: 20 + size - 1 }
    const log: Tensor[] = []
    const regressor = new PositionMapRegressor(fakeSession(log), topology)
    const upright = (await regressor.estimate(slopes(), [region]))[0]!
    const turned = (await regressor.estimate(slopes(), [{ ...region, quarterTurns: turns }]))[0]!
    const [crop, turnedCrop] = log.map(({ data }) => data as Uint8Array)
    const last = size - 1
    for (const [i, j] of [
      [0, 0],
      [last, 3],
      [5, last],
    ] as const) {
      // Clockwise.
      const [tx, ty] = (
        [
          [last - j, i],
          [last - i, last - j],
          [j, last - i],
        ] as const
      )[turns - 1]!
      expect(turnedCrop!.subarray(3 * (ty * size + tx), 3 * (ty * size + tx) + 3)).toEqual(
        crop!.subarray(3 * (j * size + i), 3 * (j * size + i) + 3),
      )
    }
    for (const vertex of [0, 50, cells.length - 1]) {
      // What was said of the turned crop is where it was before it was turned.
      const [x, y] = [upright.vertices![3 * vertex]! - region.x1, upright.vertices![3 * vertex + 1]! - region.y1]
      const [bx, by] = (
        [
          [y, last - x],
          [last - x, last - y],
          [last - y, x],
        ] as const
      )[turns - 1]!
      expect(turned.vertices![3 * vertex]).toBeCloseTo(region.x1 + bx, 3)
      expect(turned.vertices![3 * vertex + 1]).toBeCloseTo(region.y1 + by, 3)
      expect(turned.positionMap!.data[3 * cells[vertex]!]).toBeCloseTo(region.x1 + bx, 3)
    }
  })

  it('brings positions of the crop into the picture', async () => {
    const regressor = new PositionMapRegressor(fakeSession(), topology)
    const [estimate] = await regressor.estimate(slopes(), [ROI])
    const least = inCrop.reduce((low, value, i) => (i % 3 === 2 ? Math.min(low, value) : low), Infinity)
    for (const vertex of [0, 100, cells.length - 1]) {
      const [x, y, z] = inCrop.subarray(3 * vertex, 3 * vertex + 3)
      const [ours, whole] = [
        estimate!.vertices!.subarray(3 * vertex),
        estimate!.positionMap!.data.subarray(3 * cells[vertex]!),
      ]
      expect(ours[0]).toBeCloseTo(ROI.x1 + x! * SCALE, 4)
      expect(ours[1]).toBeCloseTo(ROI.y1 + y! * SCALE, 4)
      expect(ours[2]).toBeCloseTo((z! - least) * SCALE, 4)
      // PRNet's own map keeps its depth.
      expect(whole[2]).toBeCloseTo(z! * SCALE, 4)
    }
    expect(estimate!.landmarks[3]).toBe(estimate!.vertices![3 * topology.landmarks[1]!])
    expect(Math.min(...estimate!.landmarks.filter((_, i) => i % 3 === 2))).toBe(0)
  })

  it('gives the camera that brings the mean face there, and so the pose', async () => {
    const aligner = await FaceAligner.create({
      regressor: new PositionMapRegressor(fakeSession(), topology),
      backend: new ReferenceBackend(),
    })
    const faces = await aligner.align(slopes(), { rois: [ROI, { ...ROI, x1: 20.5, x2: 120.5 }] })
    expect(faces).toHaveLength(2)
    const [face, other] = faces
    for (const [name, angle] of Object.entries(ANGLES)) expect(face!.pose[name as 'yaw']).toBeCloseTo(angle, 5)
    expect(face!.params).toHaveLength(12)
    // The camera is an exact one here: decoding the model with it is the mesh itself, up to the shift of depth.
    const decoded = aligner.backend.decode(
      aligner.model,
      { camera: face!.params, shape: new Float32Array(0), expression: new Float32Array(0) },
      { roi: ROI, inputSize: size },
    )
    for (const [i, value] of decoded.entries()) expect(value).toBeCloseTo(face!.vertices![i]!, 3)
    // The second face of the batch stands one pixel of its map further on.
    expect(other!.vertices![0]! - face!.vertices![0]!).toBeCloseTo(SCALE - 10, 4)
    expect(aligner.vertices(face!)).toEqual(face!.vertices)
    await aligner.dispose()
    await expect(aligner.align(slopes(), { rois: [ROI] })).rejects.toThrow('disposed')
  })

  it('brings positions back from regions that are no squares', async () => {
    const wide = { ...ROI, x2: ROI.x2 + 50 }
    const aligner = await FaceAligner.create({
      regressor: new PositionMapRegressor(fakeSession(), topology),
      backend: new ReferenceBackend(),
    })
    const [square, face] = await aligner.align(slopes(), { rois: [ROI, wide] })
    const step = 1 // the second face of the batch stands one pixel of its map further on
    for (const [axis, stretched] of [150, 100, 125].entries())
      for (const vertex of [0, 100, cells.length - 1]) {
        const [ours, theirs] = [face!, square!].map(({ vertices }) => vertices![3 * vertex + axis]!) as [number, number]
        const origin = [ROI.x1, ROI.y1, 0][axis]!
        const shift = axis < 2 ? step : 0
        expect(ours).toBeCloseTo(origin + ((theirs - origin) / SCALE + shift) * (stretched / (size - 1)), 3)
      }
    const decoded = aligner.backend.decode(
      aligner.model,
      { camera: face!.params, shape: new Float32Array(0), expression: new Float32Array(0) },
      { roi: wide, inputSize: size },
    )
    for (const [i, value] of decoded.entries()) expect(value).toBeCloseTo(face!.vertices![i]!, 3)
  })

  it('sees crops in one batch, with the second look of PRNet when it is asked for', async () => {
    const log: Tensor[] = []
    const regressor = new PositionMapRegressor(fakeSession(log), topology)
    const aligner = await FaceAligner.create({ regressor, backend: new ReferenceBackend() })
    const boxes = [{ x1: 50, y1: 20, x2: 90, y2: 60, score: 1 }]
    await aligner.align(slopes(), { boxes })
    expect(log).toHaveLength(1)
    const [face] = await aligner.align(slopes(), { boxes, refine: true })
    expect(log).toHaveLength(3)
    expect(face!.roi.x2 - face!.roi.x1).toBeGreaterThan(1)
    const points = Float32Array.of(10, 20, 0, 50, 60, 0)
    expect(regressor.roiFromLandmarks(points)).toEqual({ x1: -2, y1: 8, x2: 62, y2: 72 })
  })

  it('says what it cannot do', async () => {
    const regressor = new PositionMapRegressor(fakeSession(), topology)
    const aligner = await FaceAligner.create({ regressor, backend: new ReferenceBackend() })
    expect(() => aligner.tracker()).toThrow(
      'Expected a regressor of parameters, which tracking needs, for regressor but received "prnet".',
    )
    expect(() => aligner.regressor).toThrow('a regressor of parameters')
    await expect(aligner.align(slopes(), { rois: [ROI], flip: true })).rejects.toThrow('no known mirror image')
    const { inputs, outputs, ...rest } = fakeSession()
    expect(() => new PositionMapRegressor({ ...rest, inputs, outputs: [] }, topology)).toThrow('an output `positions`')
    const second = [...inputs, { ...inputs[0]!, name: 'size' }]
    expect(() => new PositionMapRegressor({ ...rest, inputs: second, outputs }, topology)).toThrow('no other')
    expect(() => new PositionMapRegressor(fakeSession(), { ...topology, size: 33 })).toThrow('Expected 32')
  })

  it("has its topology's mesh as a model without coefficients", () => {
    const model = modelOfTopology(topology)
    checkModel(model)
    expect([model.shapeCount, model.expressionCount, model.id]).toEqual([0, 0, 'toy-uv'])
    for (const [i, value] of canonicalVertices(model).entries()) expect(value).toBeCloseTo(topology.canonical[i]!, 6)
    expect([Math.min(...model.ncc), Math.max(...model.ncc)]).toEqual([0, 1])
  })
})
