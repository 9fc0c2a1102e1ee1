import { type Node, WebIO } from '@gltf-transform/core'
import { expect, it } from 'vitest'
import { createMouthLining, liningVertices } from '../mesh/mouth-lining.ts'
import { splitParams } from '../model.ts'
import { rotationFromAngles } from '../pose.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { SparseDecoder } from '../sparse-decoder.ts'
import { toyFace, withMouth } from '../toy-face.ts'
import type { TrackedFace } from '../tracking/tracked-frame.ts'
import { FaceAnimation } from './face-animation.ts'

const INPUT_SIZE = 120
const picture = { width: 400, height: 300 }
const { model: plain } = toyFace()
const n = plain.vertexCount
// One shape that widens, one expression that bulges.
const basis = new Float32Array(6 * n)
for (let i = 0; i < n; i++) {
  basis[3 * i] = 0.2 * plain.mean[3 * i]!
  basis[3 * n + 3 * i + 2] = 0.5 * plain.mean[3 * i + 2]!
}
const model = { ...plain, basis }
const decoder = new SparseDecoder(model)
const engine = { model, backend: new ReferenceBackend(), regressor: { inputSize: INPUT_SIZE } as never }

function face(id: number, yaw: number, x: number, expression: number): TrackedFace {
  const r = rotationFromAngles({ pitch: 0.1, yaw, roll: -0.2 }).map((v) => 30 * v)
  const camera = [r[0], r[1], r[2], 60, r[3], r[4], r[5], 55, r[6], r[7], r[8], 0] as number[]
  const params = Float32Array.from([...camera, 0.7, expression])
  const roi = { x1: x, y1: 40, x2: x + 180, y2: 220 }
  const landmarks = decoder.decode(splitParams(model, params), { roi, inputSize: INPUT_SIZE })
  return { id, roi, params, landmarks, confidence: 1, pose: {} as never }
}

const frames = [
  { timestamp: 5, faces: [face(1, 0, 20, 0)] },
  { timestamp: 5.1, faces: [face(1, 0.3, 24, 1.5), face(4, -0.5, 200, -2)] },
  { timestamp: 5.4, faces: [face(4, -0.4, 204, 0.5)] },
  { timestamp: 5.5, faces: [face(1, -0.6, 40, 0.2), face(4, -0.3, 208, 0)] },
]

async function document(maxFaces?: number) {
  const animation = new FaceAnimation(engine, { picture, ...(maxFaces !== undefined && { maxFaces }) })
  for (const frame of frames) animation.add(frame)
  return new WebIO().readBinary(await animation.write())
}

/** The samplers of a node by path: times and values. */
function keysOf(root: Awaited<ReturnType<typeof document>>, node: Node) {
  const channels = root.getRoot().listAnimations()[0]!.listChannels()
  const own = channels.filter((channel) => channel.getTargetNode() === node)
  return Object.fromEntries(
    own.map((channel) => {
      const sampler = channel.getSampler()!
      const times = [...sampler.getInput()!.getArray()!].map((t) => Math.round(t * 1e4) / 1e4)
      return [
        channel.getTargetPath()!,
        { times, values: [...sampler.getOutput()!.getArray()!], mode: sampler.getInterpolation() },
      ]
    }),
  )
}

it('puts every landmark of every frame where the tracker saw it', async () => {
  const root = await document()
  const { pixelsPerUnit, origin } = root.getRoot().listScenes()[0]!.getExtras() as {
    pixelsPerUnit: number
    origin: number[]
  }
  for (const id of [1, 4]) {
    const head = root
      .getRoot()
      .listNodes()
      .find((node) => node.getName() === `head_${id}`)!
    const primitive = head.getMesh()!.listPrimitives()[0]!
    const base = primitive.getAttribute('POSITION')!.getArray()!
    const target = primitive.listTargets()[0]!.getAttribute('POSITION')!.getArray()!
    const { translation, rotation, scale, weights } = keysOf(root, head)
    const seen = frames.flatMap((frame) => frame.faces.filter((f) => f.id === id))
    expect(translation!.times).toHaveLength(seen.length)
    // What does not play stands as in the first frame.
    for (const [keys, resting] of [
      [translation, head.getTranslation()],
      [rotation, head.getRotation()],
      [scale, head.getScale()],
      [weights, head.getWeights()],
    ] as const)
      expect(keys!.values.slice(0, resting.length)).toEqual([...resting])
    expect(head.getScale()[0]).toBeLessThan(1)
    expect(head.getWeights()).toHaveLength(1)
    seen.forEach(({ landmarks }, i) => {
      const [x, y, z, w] = rotation!.values.slice(4 * i, 4 * i + 4) as [number, number, number, number]
      const weight = weights!.values[i]!
      expect(Math.abs(weight)).toBeLessThanOrEqual(1)
      model.landmarks.forEach((vertex, k) => {
        const [a, b, c] = [0, 1, 2].map((axis) => base[3 * vertex + axis]! + weight * target[3 * vertex + axis]!) as [
          number,
          number,
          number,
        ]
        const px = (1 - 2 * (y * y + z * z)) * a + 2 * (x * y - z * w) * b + 2 * (x * z + y * w) * c
        const py = 2 * (x * y + z * w) * a + (1 - 2 * (x * x + z * z)) * b + 2 * (y * z - x * w) * c
        const [tx, ty] = translation!.values.slice(3 * i) as [number, number]
        expect((px * scale!.values[3 * i]! + tx) * pixelsPerUnit + origin[0]!).toBeCloseTo(landmarks[3 * k]!, 2)
        expect(origin[1]! - (py * scale!.values[3 * i]! + ty) * pixelsPerUnit).toBeCloseTo(landmarks[3 * k + 1]!, 2)
      })
    })
  }
})

it('hides faces while they are not seen, by steps', async () => {
  const root = await document()
  const presence = (id: number) =>
    keysOf(
      root,
      root
        .getRoot()
        .listNodes()
        .find((node) => node.getName() === `face_${id}`)!,
    )['scale']!
  const firsts = (values: number[]) => values.filter((_, i) => i % 3 === 0)
  expect(presence(1)).toMatchObject({ times: [0, 0.4, 0.5], mode: 'STEP' })
  expect(firsts(presence(1).values)).toEqual([1, 0, 1])
  expect(presence(4).times).toEqual([0, 0.1])
  expect(firsts(presence(4).values)).toEqual([0, 1])
})

it('shares what all faces have, and winds triangles outwards', async () => {
  const root = await document()
  const [a, b] = root
    .getRoot()
    .listMeshes()
    .map((mesh) => mesh.listPrimitives()[0]!)
  expect(a!.getIndices()).toBe(b!.getIndices())
  expect(a!.listTargets()[0]!.getAttribute('POSITION')).toBe(b!.listTargets()[0]!.getAttribute('POSITION'))
  const [p, q, r] = [...a!.getIndices()!.getArray()!.slice(0, 3)].map((i) =>
    a!.getAttribute('POSITION')!.getElement(i, []),
  ) as unknown as [number[], number[], number[]]
  expect((q[0]! - p[0]!) * (r[1]! - p[1]!) - (q[1]! - p[1]!) * (r[0]! - p[0]!)).toBeGreaterThan(0)
  const normals = a!.getAttribute('NORMAL')!
  expect(normals.getElement(Math.floor(n / 2), [])[2]).toBeGreaterThan(0.9)
})

it('writes the faces that were seen the most, and no face at all', async () => {
  const names = (await document(1))
    .getRoot()
    .listMeshes()
    .map((mesh) => mesh.getName())
  expect(names).toEqual(['face_1'])
  const empty = await new WebIO().readBinary(await new FaceAnimation(engine, { picture }).write())
  expect(empty.getRoot().listMeshes()).toEqual([])
})

it('of nobody is a scene without an animation', async () => {
  const animation = new FaceAnimation(engine, { picture })
  animation.add({ timestamp: 0, faces: [] })
  const root = (await new WebIO().readBinary(await animation.write())).getRoot()
  expect([root.listScenes().length, root.listAnimations().length, root.listAccessors().length]).toEqual([1, 0, 0])
})

it('refuses time that does not grow, a picture without extent and no faces at all', () => {
  const animation = new FaceAnimation(engine, { picture })
  animation.add(frames[1]!)
  for (const timestamp of [5.1, 5, Number.NaN])
    expect(() => animation.add({ timestamp, faces: [] })).toThrow('Expected seconds that grow')
  expect(() => new FaceAnimation(engine, { picture: { width: 0, height: 9 } })).toThrow(
    'for picture.width but received 0',
  )
  expect(() => new FaceAnimation(engine, { picture, maxFaces: 0 })).toThrow('maxFaces')
})

it('adds nothing of a frame with a face that is none', async () => {
  const animation = new FaceAnimation(engine, { picture })
  const flat = { ...face(9, 0, 20, 0), params: new Float32Array(14) }
  expect(() => animation.add({ timestamp: 1, faces: [face(1, 0, 20, 0), flat] })).toThrow('Expected a matrix')
  expect(animation.faceCount).toBe(0)
  animation.add({ timestamp: 1, faces: [face(1, 0, 20, 0)] })
  expect(animation.faceCount).toBe(1)
  const root = (await new WebIO().readBinary(await animation.write())).getRoot()
  expect(root.listMeshes().map((mesh) => mesh.getName())).toEqual(['face_1'])
})

it('closes the mouth behind the lips, which goes with shape and expression', async () => {
  const { triangles, landmarks } = withMouth(toyFace()).model
  const lipped = { ...model, triangles, landmarks }
  const lining = createMouthLining(lipped, lipped.mean)!
  const animation = new FaceAnimation({ ...engine, model: lipped }, { picture })
  expect(animation.lining).toEqual(lining)
  expect(new FaceAnimation(engine, { picture }).lining).toBeUndefined()
  for (const frame of frames) animation.add(frame)
  const mouth = Float32Array.from({ length: 3 * lining.vertexCount }, (_, i) => (i % 3) / 2)
  const textures = new Map([
    [4, { data: Uint8Array.of(0x89, 0x50, 0x4e, 0x47), mimeType: 'image/png' as const, mouth }],
  ])
  const root = (await new WebIO().readBinary(await animation.write(textures))).getRoot()
  const [plainFace, painted] = root.listMeshes().map((mesh) => mesh.listPrimitives())
  for (const [skin, inside] of [plainFace!, painted!]) {
    const target = (part: typeof skin) => part!.listTargets()[0]!.getAttribute('POSITION')!.getArray() as Float32Array
    const base = (part: typeof skin) => part!.getAttribute('POSITION')!.getArray() as Float32Array
    for (const array of [base, target])
      liningVertices(lining, array(skin)).forEach((value, i) => {
        expect(array(inside)[i]).toBeCloseTo(value, 5)
      })
  }
  expect([...painted![1]!.getAttribute('COLOR_0')!.getElement(0, [])].map((v) => Math.round(1e3 * v))).toEqual([
    0, 214, 1000,
  ])
  expect(Math.max(...plainFace![1]!.getAttribute('COLOR_0')!.getArray()!)).toBeLessThan(0.05)
})
