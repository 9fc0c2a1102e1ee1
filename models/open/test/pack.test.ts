import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type Backend,
  checkModel,
  createImage,
  type Face,
  type FaceAligner,
  type ImageView,
  namedExpression,
  ReferenceBackend,
  splitParams,
} from '@3ddfa/core'
import { FaceAnimation } from '@3ddfa/core/gltf'
import { readMorphableModel } from '@3ddfa/models'
import { createWasmBackend } from '@3ddfa/render-wasm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ParamMirror } from '../../../packages/core/src/mirror.ts'
import { rotatedPicture } from '../../../packages/core/src/testing.ts'
import { detectorUrl, faceUrl, regressorUrl } from '../src/index.ts'
import { detectorPath, facePath, regressorPath } from '../src/node.ts'
import { nmeOf, openAligner, readSample } from './sample.ts'

const model = readMorphableModel(readFileSync(facePath))
const names = model.expressionNames ?? []
const x = (vertex: number) => model.mean[3 * vertex]!
const y = (vertex: number) => model.mean[3 * vertex + 1]!

describe('the files', () => {
  it('are named alike for Node and bundlers, and weigh less than 6 MB in all', () => {
    const paths = [detectorPath, facePath, regressorPath]
    expect([detectorUrl, faceUrl, regressorUrl].map((url) => fileURLToPath(url))).toEqual(paths)
    expect(paths.reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThan(6e6)
  })

  it('are what the package publishes', () => {
    const { files } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    for (const path of [detectorPath, facePath, regressorPath]) expect(files).toContain(path.split(/[\\/]/).at(-1))
  })
})

describe('the face model', () => {
  it('is sound, a grid of our own, in millimetres', () => {
    checkModel(model)
    const side = Math.sqrt(model.vertexCount)
    expect(Number.isInteger(side)).toBe(true)
    expect(model.mean.length).not.toBe(3 * 38365)
    const width = x(model.landmarks[16]!) - x(model.landmarks[0]!)
    expect(width).toBeGreaterThan(110)
    expect(width).toBeLessThan(180)
  })

  it('has its outside towards the viewer', () => {
    let facing = 0
    for (let t = 0; t < model.triangles.length; t += 3) {
      const [a, b, c] = [model.triangles[t]!, model.triangles[t + 1]!, model.triangles[t + 2]!]
      // y points up here, so what goes round clockwise in the picture has a negative sign.
      if ((x(b) - x(a)) * (y(c) - y(a)) - (y(b) - y(a)) * (x(c) - x(a)) < 0) facing++
    }
    expect(facing / (model.triangles.length / 3)).toBeGreaterThan(0.9)
  })

  it('has expressions with names, the eyes each by itself', () => {
    expect(names).toHaveLength(model.expressionCount)
    expect(names.filter((name) => /^eyeBlink/.test(name))).toHaveLength(2)
    for (const [name, upper, lower] of [
      [/^eyeBlink_?R/, 37, 41],
      [/^eyeBlink_?L/, 43, 47],
    ] as const) {
      const component = model.shapeCount + names.findIndex((candidate) => name.test(candidate))
      const opening = (weight: number) => {
        const at = (landmark: number) => {
          const i = 3 * model.landmarks[landmark]! + 1
          return model.mean[i]! + weight * model.basis[3 * model.vertexCount * component + i]!
        }
        return at(upper) - at(lower)
      }
      expect(opening(1)).toBeLessThan(0.35 * opening(0))
    }
  })

  it('mirrors: what the left side does the right side does in a mirror', () => {
    const mirror = new ParamMirror(model)
    const params = new Float32Array(12 + model.shapeCount + model.expressionCount)
    params.set([1, 0, 0, 60, 0, 1, 0, 60, 0, 0, 1, 0])
    const index = (pattern: RegExp) => names.findIndex((name) => pattern.test(name))
    for (const what of ['eyeBlink', 'mouthSmile', 'browDown']) {
      const [left, right] = [index(new RegExp(`^${what}_?L`)), index(new RegExp(`^${what}_?R`))]
      const turned = params.slice()
      turned[12 + model.shapeCount + left] = 1
      const { expression } = splitParams(model, mirror.unmirror(turned, 120, 120))
      expect(expression[right], what).toBeGreaterThan(0.8)
      expect(Math.abs(expression[left]!), what).toBeLessThan(0.2)
    }
  })
})

describe('the pack on a picture of ours', () => {
  let sample: Awaited<ReturnType<typeof readSample>>
  let aligner: FaceAligner
  let faces: Face[]
  beforeAll(async () => {
    sample = await readSample()
    aligner = await openAligner(new ReferenceBackend())
    faces = await aligner.align(sample.image, { dense: true })
  })
  afterAll(() => aligner?.dispose())

  it('finds both faces and their landmarks', () => {
    expect(faces).toHaveLength(2)
    for (const truth of sample.truth)
      expect(Math.min(...faces.map(({ landmarks }) => nmeOf(landmarks, truth)))).toBeLessThan(10)
    const yaws = faces.toSorted((a, b) => a.roi.x1 - b.roi.x1).map(({ pose }) => (pose.yaw * 180) / Math.PI)
    expect(Math.abs(yaws[0]! - 14)).toBeLessThan(10)
    expect(Math.abs(yaws[1]! + 24)).toBeLessThan(10)
  })

  it('finds faces of a group, which are small: a thirtieth of the picture', async () => {
    const { image } = sample
    const group = createImage(1920, 1280)
    group.data.fill(140)
    const [across, down] = [5, 3]
    const copy = createImage(image.width / 4, image.height / 4)
    const whole = { x1: 0, y1: 0, x2: image.width, y2: image.height }
    new ReferenceBackend().resample(image, whole, copy)
    for (let i = 0; i < across * down; i++)
      paste(copy, group, 360 * (i % across) + 60, 400 * Math.floor(i / across) + 80)
    const found = await aligner.detector!.detect(group)
    expect(found).toHaveLength(2 * across * down)
    const sides = found.map(({ x1, y1, x2, y2 }) => Math.sqrt((x2 - x1) * (y2 - y1)))
    expect(Math.min(...sides)).toBeLessThan(group.width / 30)
  })

  it('tells expressions by name, eyes open', () => {
    for (const { params } of faces) {
      const expression = namedExpression(model, params)
      expect(Object.keys(expression)).toEqual(names)
      for (const name of names.filter((candidate) => candidate.startsWith('eyeBlink')))
        expect(expression[name]).toBeLessThan(0.5)
    }
  })

  it('decodes the same vertices with every backend', async () => {
    const backends = [await createWasmBackend(), ...(await native())]
    for (const backend of backends)
      for (const { params, roi, vertices } of faces) {
        const decoded = backend.decode(model, splitParams(model, params), { roi, inputSize: 120 })
        const apart = decoded.map((value, i) => Math.abs(value - vertices![i]!))
        expect(Math.max(...apart), backend.id).toBeLessThan(0.02)
      }
    for (const backend of backends) backend.dispose()
  })

  it('takes the mean with the mirror image', async () => {
    const flipped = await aligner.align(sample.image, { flip: true })
    for (const truth of sample.truth)
      expect(Math.min(...flipped.map(({ landmarks }) => nmeOf(landmarks, truth)))).toBeLessThan(10)
  })

  it('finds both faces whichever way the picture is turned', async () => {
    for (let turns = 1; turns < 4; turns++) {
      const { image, point } = rotatedPicture(sample.image, 90 * turns)
      const found = await aligner.align(image, { anyRoll: true })
      expect(found).toHaveLength(2)
      for (const truth of sample.truth) {
        const there = truth.map(([x, y]) => point(x!, y!))
        expect(Math.min(...found.map(({ landmarks }) => nmeOf(landmarks, there)))).toBeLessThan(10)
      }
    }
  })

  it('follows faces all the way round', async () => {
    const tracker = aligner.tracker({ smoothing: 'none' })
    for (let frame = 0; frame < 24; frame++) {
      const { image, point } = rotatedPicture(sample.image, 15 * frame)
      const { faces: tracked } = (await tracker.next(image, frame / 25))!
      expect(tracked.map(({ id }) => id)).toEqual([1, 2])
      for (const truth of sample.truth) {
        const there = truth.map(([x, y]) => point(x!, y!))
        expect(Math.min(...tracked.map(({ landmarks }) => nmeOf(landmarks, there)))).toBeLessThan(12)
      }
    }
  })

  it('follows faces that move, sure of them, and lets go of what is none', async () => {
    const tracker = aligner.tracker()
    const animation = new FaceAnimation(aligner, { picture: sample.image })
    for (let frame = 0; frame < 8; frame++) {
      const { faces: tracked, ...rest } = (await tracker.next(shifted(sample.image, 3 * frame), frame / 25))!
      expect(tracked.map(({ id }) => id)).toEqual([1, 2])
      for (const { confidence } of tracked) expect(confidence).toBeGreaterThan(0.6)
      animation.add({ ...rest, faces: tracked })
    }
    const wall = createImage(sample.image.width, sample.image.height)
    wall.data.fill(140)
    const gone = await aligner.tracker().next(wall, 0)
    expect(gone!.faces).toEqual([])
    const glb = await animation.write()
    const { meshes } = JSON.parse(
      new TextDecoder().decode(glb.subarray(20, 20 + new DataView(glb.buffer).getUint32(12, true))),
    )
    expect(meshes.map(({ extras }: { extras: { targetNames: string[] } }) => extras.targetNames)).toEqual([
      names,
      names,
    ])
  })
})

/** The native backend, where this machine has it. */
async function native(): Promise<Backend[]> {
  try {
    const { createNativeBackend } = await import('@3ddfa/render-native')
    return [createNativeBackend()]
  } catch {
    return []
  }
}

function paste(from: ImageView, to: ImageView, x: number, y: number): void {
  const { data, width, height, channels } = from
  for (let row = 0; row < height; row++) {
    const pixels = data.subarray(channels * width * row, channels * width * (row + 1))
    to.data.set(pixels, channels * ((y + row) * to.width + x))
  }
}

/** Moved to the right, as a camera that turns sees it. */
function shifted({ data, width, height }: ImageView, by: number): ImageView {
  const image = createImage(width, height)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let k = 0; k < 3; k++)
        image.data[3 * (row * width + column) + k] = data[3 * (row * width + Math.max(0, column - by)) + k]!
  return image
}
