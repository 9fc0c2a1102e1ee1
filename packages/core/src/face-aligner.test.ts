import { describe, expect, it } from 'vitest'
import type { Backend } from './backend.ts'
import type { FaceDetector } from './detection.ts'
import { InvalidInputError } from './errors.ts'
import { FaceAligner } from './face-aligner.ts'
import { createImage, type ImageView } from './image.ts'
import type { MorphableModel } from './model.ts'
import { rotationFromAngles } from './pose.ts'
import type { ParamRegressor } from './regressor.ts'
import { roiFromLandmarks } from './roi.ts'
import { random } from './testing.ts'

const next = random(7)
const n = 80
const model: MorphableModel = {
  id: 'toy',
  vertexCount: n,
  shapeCount: 2,
  expressionCount: 1,
  mean: Float32Array.from({ length: 3 * n }, () => next() * 60),
  basis: Float32Array.from({ length: 9 * n }, () => next() - 0.5),
  triangles: Uint32Array.of(0, 1, 2),
  landmarks: Uint32Array.from({ length: 68 }, (_, i) => (i * 7) % n),
  uv: new Float32Array(2 * n),
  ncc: new Float32Array(3 * n),
}

const r = rotationFromAngles({ pitch: 0.1, yaw: 0.3, roll: -0.2 })
const params = Float32Array.from([r[0], r[1], r[2], 30, r[3], r[4], r[5], 40, r[6], r[7], r[8], 50, 0.5, -2, 1.5])

function parts() {
  const log: string[] = []
  const detector: FaceDetector = {
    id: 'fake',
    detect: async () => [{ x1: 100, y1: 100, x2: 200, y2: 200, score: 0.9 }],
    dispose: async () => void log.push('detector'),
  }
  const regressor: ParamRegressor = {
    id: 'fake',
    inputSize: 120,
    regress: async (crops) => crops.map(() => params),
    dispose: async () => void log.push('regressor'),
  }
  const unused = () => {
    throw new Error('not used here')
  }
  const backend = {
    id: 'fake',
    resample: (_image: unknown, roi: unknown) => void log.push(`crop ${JSON.stringify(roi)}`),
    decode: (m: MorphableModel, _p: unknown, _f: unknown, out = new Float32Array(3 * m.vertexCount)) => out.fill(1),
    vertexNormals: unused,
    light: unused,
    rasterize: unused,
    shade: unused,
    dispose: () => void log.push('backend'),
  } as unknown as Backend
  return { log, detector, regressor, backend, model }
}

describe('FaceAligner', () => {
  it('says in a sentence what was given in place of a picture, options or lists', async () => {
    const aligner = await FaceAligner.create(parts())
    const picture = createImage(300, 300)
    const nothing = null as never
    for (const [call, sentence] of [
      [
        () => aligner.align(nothing),
        'Expected a picture ({ data, width, height, channels }) for image but received null.',
      ],
      [
        () => aligner.detect(nothing),
        'Expected a picture ({ data, width, height, channels }) for image but received null.',
      ],
      [() => aligner.align(picture, nothing), 'Expected an object, or nothing, for options but received null.'],
      [() => aligner.align(picture, true as never), 'Expected an object, or nothing, for options but received true.'],
      [() => aligner.align(picture, { boxes: 5 as never }), 'Expected a list of boxes for boxes but received 5.'],
      [
        () => aligner.align(picture, { rois: {} as never }),
        'Expected a list of regions for rois but received an object of Object.',
      ],
      [() => aligner.regress(picture, nothing), 'Expected a list of regions for rois but received null.'],
      [async () => aligner.tracker(nothing), 'Expected an object, or nothing, for options but received null.'],
      [async () => aligner.track([], nothing), 'Expected an object, or nothing, for options but received null.'],
      [async () => aligner.vertices(nothing), 'Expected a face for face but received null.'],
      [
        async () => aligner.vertices({ params: new Float32Array(14) } as never),
        'Expected a region, { x1, y1, x2, y2 }, for face.roi but received undefined.',
      ],
      [
        async () => aligner.faceFromParams(new Float32Array(14), nothing),
        'Expected a region, { x1, y1, x2, y2 }, for roi but received null.',
      ],
      [() => aligner.align(picture, { onStage: 5 as never }), 'Expected a function for onStage but received 5.'],
      [async () => aligner.track([], { toFrame: 5 as never }), 'Expected a function for toFrame but received 5.'],
      [
        async () => aligner.track([], { signal: new AbortController() as never }),
        'Expected an AbortSignal for signal but received an object of AbortController.',
      ],
    ] as const) {
      await expect(call()).rejects.toThrow(InvalidInputError)
      await expect(call()).rejects.toThrow(sentence)
    }
  })

  it('says that a regressor of parameters needs its model', async () => {
    const { model: _, ...bare } = parts()
    await expect(FaceAligner.create(bare as never)).rejects.toThrow('Expected the face model')
  })

  it('says which part is missing', async () => {
    const { backend: _, ...blind } = parts()
    await expect(FaceAligner.create(blind as never)).rejects.toThrow('Expected a backend for parts.backend')
    const late = Promise.resolve(parts().backend)
    await expect(FaceAligner.create({ ...parts(), backend: late as never })).rejects.toThrow(
      'Expected a backend for parts.backend but received an object of Promise.',
    )
    await expect(FaceAligner.create({ ...parts(), detector: Promise.resolve() as never })).rejects.toThrow(
      'Expected a detector, or nothing, for parts.detector but received an object of Promise.',
    )
    for (const regressor of [undefined, null])
      await expect(FaceAligner.create({ ...parts(), regressor } as never)).rejects.toThrow('a regressor')
    await expect(FaceAligner.create(undefined as never)).rejects.toThrow('Expected a backend')
  })

  it('says what is wrong with a model, and with a regressor of another kind', async () => {
    await expect(FaceAligner.create({ ...parts(), model: {} as never })).rejects.toThrow('model.vertexCount')
    for (const counts of [
      { shapeCount: -2, expressionCount: 5 },
      { shapeCount: 1.5, expressionCount: 1.5 },
    ])
      await expect(FaceAligner.create({ ...parts(), model: { ...model, ...counts } })).rejects.toThrow(
        'model.shapeCount',
      )
    const { regress: _, ...still } = parts().regressor
    await expect(FaceAligner.create({ ...parts(), regressor: still as never })).rejects.toThrow('a regressor of param')
    const { model: own, ...rest } = parts()
    const mesh = { ...still, model: own } as never
    await expect(FaceAligner.create({ ...rest, regressor: mesh })).rejects.toThrow('a regressor of meshes')
  })

  it('names the detector whose box is none, and the place of the box in a list that was given', async () => {
    const detect = async () => [{ x1: 5, y1: 5, x2: 5, y2: 9, score: 1 }]
    const aligner = await FaceAligner.create({ ...parts(), detector: { ...parts().detector, detect } })
    await expect(aligner.align(createImage(9, 9))).rejects.toThrow('y1 < y2 for box 0 of the detector fake')
    const boxes = [null] as never
    await expect(aligner.align(createImage(9, 9), { boxes })).rejects.toThrow('for boxes[0] but received null')
  })

  it('takes no second look at a face beyond all pictures, and one at the others', async () => {
    const made = parts()
    const far = params.map((value, i) => (i < 12 ? value * 1e20 : value))
    const rois = [0, 50].map((x1) => ({ x1, y1: 0, x2: x1 + 40, y2: 40 }))
    const regress = async (crops: readonly unknown[]) => [far, params].slice(-crops.length)
    const aligner = await FaceAligner.create({ ...made, regressor: { ...made.regressor, regress } })
    const faces = await aligner.align(createImage(90, 90), { rois, refine: true })
    expect(faces.map(({ index }) => index)).toEqual([0, 1])
    expect(faces[0]!.roi).toEqual(rois[0])
    expect(faces[1]!.roi).not.toEqual(rois[1])
  })

  it('says that parameters from JSON have to become an array of floats', async () => {
    const aligner = await FaceAligner.create(parts())
    const call = () => aligner.faceFromParams([...params] as never, { x1: 0, y1: 0, x2: 9, y2: 9 })
    expect(call).toThrow('a Float32Array of 15 numbers')
  })

  it('refuses a pose convention that there is not', async () => {
    const aligner = await FaceAligner.create(parts())
    const call = aligner.align(createImage(300, 300), { poseConvention: 'degrees' as never })
    await expect(call).rejects.toThrow('one of aflw2000, 3ddfa-v2 for poseConvention but received "degrees"')
  })

  it('leaves out what the network sees no head in, whoever took it for a face', async () => {
    const made = parts()
    const mirrored = params.map((value, i) => (i < 3 ? -value : value))
    const boxes = [100, 300].map((x) => ({ x1: x, y1: 100, x2: x + 100, y2: 200, score: 0.9 }))
    const aligner = await FaceAligner.create({
      ...made,
      detector: { ...made.detector, detect: async () => boxes },
      regressor: {
        ...made.regressor,
        regress: async (crops: readonly unknown[]) => [mirrored, params].slice(-crops.length),
      },
    })
    const faces = await aligner.align(createImage(500, 300), { dense: true })
    expect(faces.map(({ box }) => box)).toEqual([boxes[1]])
    const given = await aligner.align(createImage(500, 300), { boxes })
    expect(given.map(({ box }) => box)).toEqual([boxes[1]])
    const rois = boxes.map(({ x1, y1, x2, y2 }) => ({ x1, y1, x2, y2 }))
    const regions = await aligner.align(createImage(500, 300), { rois })
    expect(regions.map(({ roi }) => roi)).toEqual([rois[1]])
    // Another look changes regions, not whose they are.
    const again = await aligner.align(createImage(500, 300), { rois, refine: true })
    for (const found of [faces, given, regions, again]) expect(found.map(({ index }) => index)).toEqual([1])
  })

  it('looks once where regions are given, with their boxes or without', async () => {
    const aligner = await FaceAligner.create(parts())
    const [box] = await aligner.detect(createImage(300, 300))
    const roi = { x1: 80, y1: 90, x2: 220, y2: 230 }
    for (const options of [{ rois: [roi] }, { rois: [roi], boxes: [box!] }])
      expect((await aligner.align(createImage(300, 300), options))[0]!.roi).toEqual(roi)
  })

  it('goes from picture to landmarks by the formula of the paper', async () => {
    const aligner = await FaceAligner.create(parts())
    const [face] = await aligner.align(createImage(300, 300), { refine: false })
    expect(face!.roi).toEqual({ x1: 71, y1: 85, x2: 229, y2: 243 })
    // By hand for one landmark: camera * (mean + basis * coefficients), 1-based and y-up, scaled into the ROI.
    const v = model.landmarks[5]!
    const point = [0, 1, 2].map((axis) =>
      [0, 1, 2].reduce(
        (sum, k) => sum + model.basis[k * 3 * n + 3 * v + axis]! * params[12 + k]!,
        model.mean[3 * v + axis]!,
      ),
    )
    const row = (i: number) =>
      params[4 * i]! * point[0]! + params[4 * i + 1]! * point[1]! + params[4 * i + 2]! * point[2]! + params[4 * i + 3]!
    const scale = 158 / 120
    expect(face!.landmarks[15]).toBeCloseTo((row(0) - 1) * scale + 71, 4)
    expect(face!.landmarks[16]).toBeCloseTo((120 - row(1)) * scale + 85, 4)
    expect(Math.min(...face!.landmarks.filter((_, i) => i % 3 === 2))).toBe(0)
    expect(face!.pose.yaw).toBeCloseTo(0.3, 5)
    expect(face!.vertices).toBeUndefined()
  })

  it('takes boxes or ROIs instead of a detector, keeps order, and gives dense vertices when asked', async () => {
    const { detector: _, ...rest } = parts()
    const aligner = await FaceAligner.create(rest)
    const rois = [0, 50].map((x1) => ({ x1, y1: 0, x2: x1 + 40, y2: 40 }))
    const faces = await aligner.align(createImage(300, 300, 4), { rois, dense: true })
    expect(faces.map((f) => f.roi)).toEqual(rois)
    expect(faces[0]!.vertices).toHaveLength(3 * n)
    await expect(aligner.align(createImage(10, 10))).rejects.toThrow(/boxes or rois in each call, for parts.detector/)
  })

  it('says which of the given boxes is wrong, and refuses regions that are not one for each box', async () => {
    const aligner = await FaceAligner.create(parts())
    const good = { x1: 10, y1: 10, x2: 60, y2: 60, score: 1 }
    await expect(aligner.align(createImage(99, 99), { boxes: [good, { ...good, x2: 5 }] })).rejects.toThrow(
      'Expected finite x1 < x2 and y1 < y2 for boxes[1] but received "x1 10, y1 10, x2 5, y2 60".',
    )
    await expect(aligner.align(createImage(99, 99), { boxes: [good, good], rois: [good] })).rejects.toThrow(
      'Expected 2 regions, one for each box, for rois but received an array of 1.',
    )
    expect(await aligner.align(createImage(99, 99), { boxes: [good], rois: [good] })).toHaveLength(1)
    await expect(aligner.align(createImage(99, 99), { rois: [good, { ...good, y1: 60, y2: 10 }] })).rejects.toThrow(
      'Expected finite x1 < x2 and y1 < y2 for rois[1] but received "x1 10, y1 60, x2 60, y2 10".',
    )
  })

  it('refuses regions of parameters that are no squares, but for what whole pixels make of them', async () => {
    const aligner = await FaceAligner.create(parts())
    const image = createImage(99, 99)
    const wide = { x1: 10, y1: 10, x2: 60, y2: 40 }
    const message = 'Expected a square for rois[1] (rectangles around faces are `boxes`) but received "50 x 30 pixels".'
    const whole = { x1: 10, y1: 10, x2: 60, y2: 58 }
    await expect(aligner.align(image, { rois: [whole, wide] })).rejects.toThrow(message)
    await expect(aligner.regress(image, [whole, wide])).rejects.toThrow(message)
    expect(await aligner.align(image, { rois: [whole] })).toHaveLength(1)
  })

  it('says which part of a caller answers something else', async () => {
    const made = parts()
    const silent = { ...made.detector!, id: 'silent', detect: async () => undefined as unknown as [] }
    await expect((await FaceAligner.create({ ...made, detector: silent })).align(createImage(99, 99))).rejects.toThrow(
      'Expected a list of boxes for the detector silent but received undefined.',
    )
    const diverged = { ...made.regressor, id: 'diverged', regress: async () => [params.map(() => Number.NaN)] }
    await expect(
      (await FaceAligner.create({ ...made, regressor: diverged })).align(createImage(99, 99)),
    ).rejects.toThrow('Expected finite parameters for the regressor diverged but received something that is no number.')
    const greedy = { ...made.regressor, id: 'greedy', regress: async () => [params, params] }
    await expect((await FaceAligner.create({ ...made, regressor: greedy })).align(createImage(99, 99))).rejects.toThrow(
      'Expected a list of 1 arrays, one a crop, for the regressor greedy but received an array of 2.',
    )
  })

  it('refuses a pose convention that there is not, faces or none', async () => {
    const aligner = await FaceAligner.create(parts())
    const poseConvention = 'xyz' as 'aflw2000'
    const message = /one of aflw2000, 3ddfa-v2 for poseConvention/
    await expect(aligner.align(createImage(9, 9), { boxes: [], poseConvention })).rejects.toThrow(message)
    expect(() => aligner.tracker({ poseConvention })).toThrow(message)
  })

  it('looks again where the first landmarks are, unless told not to or given ROIs', async () => {
    const made = parts()
    const aligner = await FaceAligner.create(made)
    const image = createImage(300, 300)
    const [rough] = await aligner.align(image, { refine: false })
    const [face] = await aligner.align(image)
    expect(face!.box).toEqual(rough!.box)
    expect(face!.roi).toEqual(roiFromLandmarks(rough!.landmarks))
    const rois = [rough!.roi]
    expect((await aligner.align(image, { rois }))[0]!.roi).toEqual(rough!.roi)
    expect((await aligner.align(image, { rois, refine: true }))[0]!.roi).toEqual(face!.roi)
    expect(made.log.filter((line) => line.startsWith('crop'))).toHaveLength(1 + 2 + 1 + 2)
  })

  it('looks again at the same region where the landmarks of the first look lie in one point', async () => {
    const made = parts()
    const dot = params.map((value, i) => (i < 12 && i % 4 < 3 ? 1e-5 * value : value))
    const answers = [dot, params]
    const aligner = await FaceAligner.create({
      ...made,
      regressor: { ...made.regressor, regress: async () => [answers.shift()!] },
    })
    const roi = { x1: 71, y1: 85, x2: 229, y2: 243 }
    const [face] = await aligner.align(createImage(300, 300), { rois: [roi], refine: true })
    expect(face).toMatchObject({ roi, params })
  })

  it('keeps the first look where the second one sees no head', async () => {
    const made = parts()
    const answers = [params, params.map((value, i) => (i < 3 ? -value : value))]
    const aligner = await FaceAligner.create({
      ...made,
      regressor: { ...made.regressor, regress: async () => [answers.shift()!] },
    })
    const [face] = await aligner.align(createImage(300, 300))
    expect(face!.params).toEqual(params)
  })

  it('with flip takes the mean of the crop and its mirror image, in the last look only', async () => {
    const made = parts()
    const counts: number[] = []
    const regress = async (crops: readonly ImageView[]) => {
      counts.push(crops.length)
      return crops.map(() => params)
    }
    const aligner = await FaceAligner.create({ ...made, regressor: { ...made.regressor, regress } })
    const [face] = await aligner.align(createImage(300, 300), { flip: true })
    expect(counts).toEqual([1, 2])
    // A head that is seen the same in the mirror looks straight ahead.
    expect(face!.pose.yaw).toBeCloseTo(0, 5)
    expect(face!.pose.roll).toBeCloseTo(0, 5)
    expect(face!.pose.pitch).toBeGreaterThan(0.05)
  })

  it('reports each stage once', async () => {
    const stages: string[] = []
    const aligner = await FaceAligner.create(parts())
    await aligner.align(createImage(300, 300), { dense: true, onStage: (stage) => stages.push(stage) })
    expect(stages).toEqual(['detect', 'crop', 'regress', 'sparse', 'refine', 'dense'])
  })

  it('refuses a picture whose data does not fit and any use after dispose; disposes each part once', async () => {
    const all = parts()
    const aligner = await FaceAligner.create(all)
    await expect(aligner.align({ data: new Uint8Array(5), width: 2, height: 2, channels: 3 })).rejects.toThrow(
      'Expected 12 bytes (2 x 2 x 3) for image.data but received Uint8Array(5).',
    )
    await aligner.dispose()
    await aligner.dispose()
    expect(all.log.filter((l) => !l.startsWith('crop')).sort()).toEqual(['backend', 'detector', 'regressor'])
    await expect(aligner.align(createImage(4, 4))).rejects.toThrow(/was disposed/)
  })

  it('dispose frees all parts, whichever fails, and tells the failure', async () => {
    const all = parts()
    const broken = new Error('lost')
    const fail = (): never => {
      throw broken
    }
    const aligner = await FaceAligner.create({
      ...all,
      backend: { ...all.backend, dispose: fail },
      detector: { ...all.detector, dispose: fail },
    })
    await expect(aligner.dispose()).rejects.toBe(broken)
    expect(all.log).toEqual(['regressor'])
  })

  it('dispose waits for the calls that run, and refuses others meanwhile', async () => {
    const all = parts()
    const regress = async (crops: readonly ImageView[]) => {
      await new Promise((resolve) => setTimeout(resolve, 10))
      all.log.push('regressed')
      return crops.map(() => params)
    }
    const aligner = await FaceAligner.create({ ...all, regressor: { ...all.regressor, regress } })
    const running = aligner.align(createImage(300, 300), { dense: true })
    const other = aligner.regress(createImage(300, 300), [{ x1: 0, y1: 0, x2: 9, y2: 9 }])
    const disposal = aligner.dispose()
    await expect(aligner.align(createImage(300, 300))).rejects.toThrow('was disposed')
    const vertices: Float32Array = (await running)[0]!.vertices
    expect(vertices).toHaveLength(3 * n)
    expect(await other).toHaveLength(1)
    await disposal
    expect(all.log.filter((line) => !line.startsWith('crop'))).toEqual([
      ...['regressed', 'regressed', 'regressed'],
      ...['detector', 'regressor', 'backend'],
    ])
  })

  it('dispose waits for a detector that a tracker runs', async () => {
    const made = parts()
    const detect = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      made.log.push('detected')
      return []
    }
    const aligner = await FaceAligner.create({ ...made, detector: { ...made.detector, detect } })
    const next = aligner.tracker().next(createImage(30, 30), 0)
    await aligner.dispose()
    await next
    expect(made.log.slice(0, 1)).toEqual(['detected'])
  })

  it('a second dispose waits until the parts are released', async () => {
    const all = parts()
    let released = false
    const dispose = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      released = true
    }
    const aligner = await FaceAligner.create({ ...all, detector: { ...all.detector, dispose } })
    void aligner.dispose()
    await aligner.dispose()
    expect(released).toBe(true)
  })

  it('refuses a model whose arrays are of another kind', async () => {
    for (const [name, array] of Object.entries({
      triangles: new Uint16Array(model.triangles),
      mean: new Float64Array(model.mean),
      landmarks: [...model.landmarks],
    }))
      await expect(FaceAligner.create({ ...parts(), model: { ...model, [name]: array } as never })).rejects.toThrow(
        `for model.${name} but received`,
      )
  })

  it('refuses a model whose arrays disagree', async () => {
    await expect(FaceAligner.create({ ...parts(), model: { ...model, mean: new Float32Array(5) } })).rejects.toThrow(
      /model.mean/,
    )
  })
})
