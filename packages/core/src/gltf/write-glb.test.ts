import { TextureInfo, WebIO } from '@gltf-transform/core'
import { expect, it } from 'vitest'
import { expressionTargets } from '../mesh/morph-target.ts'
import { toyMesh, windsOutwards } from '../mesh/testing.ts'
import { splitParams } from '../model.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { random } from '../testing.ts'
import { writeGlb } from './write-glb.ts'

const { model, vertices, mesh } = toyMesh()
const n = model.vertexCount
const next = random(4)
const HEIGHT = 100
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

it('of no face has a scene, and nothing that is empty', async () => {
  const glb = await writeGlb([], { picture: { width: 4, height: 3 } })
  const json = JSON.parse(text(glb.subarray(20, 20 + new DataView(glb.buffer, glb.byteOffset).getUint32(12, true))))
  expect(json).toMatchObject({ scene: 0, scenes: [{ name: 'faces', nodes: [0] }], nodes: [{ name: 'no faces' }] })
  expect(Object.keys(json).sort()).toEqual(['asset', 'nodes', 'scene', 'scenes'])
  await expect(writeGlb([], { picture: { width: 0, height: 3 } })).rejects.toThrow('for picture.width but received 0')
  await expect(writeGlb([], undefined as never)).rejects.toThrow('Expected { picture } for options')
  await expect(writeGlb([], {} as never)).rejects.toThrow('Expected a picture ({ width, height })')
  await expect(writeGlb(null as never, { picture: { width: 4, height: 3 } })).rejects.toThrow('a list of meshes')
})

it('refuses textures that are no files of their kind', async () => {
  const write = (data: number[], mimeType: 'image/png' | 'image/jpeg') =>
    writeGlb([mesh], {
      picture: { width: 200, height: HEIGHT },
      textures: [{ data: Uint8Array.from(data), mimeType }],
    })
  await expect(write([200, 180, 170, 255, 0], 'image/png')).rejects.toThrow(
    'Expected the bytes of an encoded picture of the kind image/png for textures but received "5 bytes that begin with 200 180 170 255".',
  )
  await expect(write([0xff, 0xd8, 0xff, 0xe0], 'image/png')).rejects.toThrow('of the kind image/png')
  await expect(write([0xff, 0xd8, 0xff, 0xe0], 'image/jpeg')).resolves.toBeDefined()
  await expect(write([], 'image/webp' as 'image/png')).rejects.toThrow('of the kind image/webp')
})

it('comes back with outward triangles, unit normals, bounds and the way back to pixels', async () => {
  const texture = { data: Uint8Array.of(0x89, 0x50, 0x4e, 0x47), mimeType: 'image/png' as const }
  const document = await new WebIO().readBinary(
    await writeGlb([mesh, mesh], { picture: { width: 200, height: HEIGHT }, textures: [texture, texture] }),
  )
  expect(
    document
      .getRoot()
      .listNodes()
      .map((node) => node.getName()),
  ).toEqual(['face_1', 'face_2'])
  const sampler = document.getRoot().listMaterials()[0]!.getBaseColorTextureInfo()!
  const { CLAMP_TO_EDGE } = TextureInfo.WrapMode
  expect([sampler.getWrapS(), sampler.getWrapT()]).toEqual([CLAMP_TO_EDGE, CLAMP_TO_EDGE])
  const primitive = document.getRoot().listMeshes()[0]!.listPrimitives()[0]!
  const position = primitive.getAttribute('POSITION')!.getArray()!
  const points = Array.from({ length: n }, (_, i) => [...position.subarray(3 * i, 3 * i + 3)] as number[])
  const indices = primitive.getIndices()!.getArray()!
  for (let i = 0; i < indices.length; i += 3) expect(windsOutwards(points, [...indices.subarray(i, i + 3)])).toBe(true)
  const { pixelsPerUnit, origin } = document.getRoot().listNodes()[0]!.getExtras() as {
    pixelsPerUnit: number
    origin: number[]
  }
  expect(points[100]![0]! * pixelsPerUnit + origin[0]!).toBeCloseTo(vertices[300]!, 3)
  expect(origin[1]! - points[100]![1]! * pixelsPerUnit).toBeCloseTo(vertices[301]!, 3)
  const normals = primitive.getAttribute('NORMAL')!.getArray()!
  for (let i = 0; i < normals.length; i += 3) expect(Math.hypot(...normals.subarray(i, i + 3))).toBeCloseTo(1, 5)
  expect(primitive.getAttribute('TEXCOORD_0')!.getCount()).toBe(n)
  expect(primitive.getMaterial()!.getBaseColorTexture()!.getImage()).toEqual(Uint8Array.of(0x89, 0x50, 0x4e, 0x47))
})

it('holds what meshes have in common once', async () => {
  const texture = { data: Uint8Array.of(0x89, 0x50, 0x4e, 0x47), mimeType: 'image/png' as const }
  const picture = { width: 200, height: HEIGHT }
  const size = async (count: number) => {
    const meshes = Array.from({ length: count }, () => ({ ...mesh, vertices: vertices.slice() }))
    return (await writeGlb(meshes, { picture, textures: meshes.map(() => texture) })).length
  }
  const [one, two] = [await size(1), await size(2)]
  // A second face adds positions and normals, not triangles and coordinates.
  const own = 2 * vertices.byteLength
  expect(two - one).toBeGreaterThan(own)
  expect(two - one).toBeLessThan(own + 2000)
})

it('has expressions as morph targets, whose weights give the face as it is seen', async () => {
  const basis = Float32Array.from({ length: 9 * n }, () => 0.2 * (next() - 0.5))
  const expressive = { ...model, basis, expressionCount: 2, expressionNames: ['jawOpen', 'smile'] }
  const frame = { roi: { x1: 20, y1: 10, x2: 100, y2: 80 }, inputSize: 60 }
  const decode = (expression: readonly number[]) => {
    const camera = [25, 3, 2, 30, -3, 24, 4, 28, 1, -4, 25, 10]
    const params = Float32Array.of(...camera, 0.3, ...expression)
    return { params, points: new ReferenceBackend().decode(expressive, splitParams(expressive, params), frame) }
  }
  const { params, points } = decode([0.8, -0.5])
  const targets = [expressionTargets(expressive, params, frame)]
  const picture = { width: 200, height: HEIGHT }
  const document = await new WebIO().readBinary(await writeGlb([{ ...mesh, vertices: points }], { picture, targets }))
  const written = document.getRoot().listMeshes()[0]!
  expect(written.getExtras()).toEqual({ targetNames: ['jawOpen', 'smile'] })
  const weights = written.getWeights()
  weights.forEach((weight, k) => {
    expect(weight).toBeCloseTo([0.8, -0.5][k]!, 6)
  })
  const [primitive] = written.listPrimitives()
  const positions = (of: Pick<NonNullable<typeof primitive>, 'getAttribute'>) =>
    of.getAttribute('POSITION')!.getArray()!
  const moved = (by: readonly number[], i: number) =>
    primitive!.listTargets().reduce((sum, target, k) => sum + by[k]! * positions(target)[i]!, positions(primitive!)[i]!)
  for (const [by, expected] of [
    [weights, points],
    [[0.1, 0.9], decode([0.1, 0.9]).points],
  ] as const) {
    for (let i = 0; i < points.length; i += 3) {
      expect(200 * moved(by, i) + 100).toBeCloseTo(expected[i]!, 2)
      expect(HEIGHT / 2 - 200 * moved(by, i + 1)).toBeCloseTo(expected[i + 1]!, 2)
    }
  }
  const [jaw] = targets[0]!
  const glb = (own: typeof targets) => writeGlb([mesh], { picture, targets: own })
  await expect(glb([])).rejects.toThrow('1 lists, one a mesh,')
  await expect(glb([[{ ...jaw!, offsets: new Float32Array(3) }]])).rejects.toThrow('offsets of jawOpen')
  await expect(glb([[{ ...jaw!, weight: Number.NaN }]])).rejects.toThrow('weight of jawOpen')
})
