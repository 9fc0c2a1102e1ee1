import { TextureInfo, WebIO } from '@gltf-transform/core'
import { describe, expect, it } from 'vitest'
import { writeGlb } from '../gltf.ts'
import { splitParams } from '../model.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { random } from '../testing.ts'
import { toyFace } from '../toy-face.ts'
import type { FaceMesh } from './face-mesh.ts'
import { expressionTargets } from './morph-target.ts'
import { writeObj } from './obj.ts'
import { writePly } from './ply.ts'
import { TextBuffer } from './text-buffer.ts'

const { model, vertices } = toyFace()
const n = model.vertexCount
const next = random(4)
const mesh: FaceMesh = {
  vertices,
  triangles: model.triangles,
  colors: Float32Array.from({ length: 3 * n }, next),
  normals: new ReferenceBackend().vertexNormals({ vertices, triangles: model.triangles }),
  uv: model.uv,
}
const HEIGHT = 100
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const numbers = (line: string) => line.split(/[ /]/).slice(1).map(Number)

/** Whether triangles wind counter-clockwise seen from outside: their geometric normal points to the viewer here. */
function windsOutwards(points: number[][], [a, b, c]: number[]): boolean {
  const [p, q, r] = [points[a!]!, points[b!]!, points[c!]!]
  return (q[0]! - p[0]!) * (r[1]! - p[1]!) - (q[1]! - p[1]!) * (r[0]! - p[0]!) > 0
}

describe('TextBuffer', () => {
  it('writes numbers as toFixed does', () => {
    for (let i = 0; i < 5000; i++) {
      const value = Math.fround((next() - 0.5) * 10 ** Math.floor(next() * 9))
      const written = Number(text(new TextBuffer(8).fixed(value, 3).finish()))
      expect(Math.abs(written - value)).toBeLessThanOrEqual(0.0005000001)
    }
    const fixed = (value: number, decimals: number) => text(new TextBuffer(1).fixed(value, decimals).finish())
    expect([fixed(-0.0004, 3), fixed(0.9996, 3), fixed(-12, 0), fixed(1e12, 1), fixed(0.05, 2)]).toEqual([
      '0.000',
      '1.000',
      '-12',
      '1000000000000.0',
      '0.05',
    ])
  })
})

describe('.obj', () => {
  it('holds vertices (y up), colours and outward triangles', () => {
    const lines = text(writeObj([mesh, mesh], { height: HEIGHT }).obj)
      .trim()
      .split('\n')
    const v = lines.filter((l) => l.startsWith('v ')).map(numbers)
    const f = lines.filter((l) => l.startsWith('f ')).map((l) => numbers(l).map((i) => i - 1))
    expect(v).toHaveLength(2 * n)
    expect(v[7]!.slice(0, 3)).toEqual(
      [vertices[21]!, HEIGHT - vertices[22]!, vertices[23]!].map((x) => expect.closeTo(x, 3)),
    )
    expect(v[7]![3]).toBeCloseTo(mesh.colors![21]!, 4)
    expect(f).toHaveLength((2 * model.triangles.length) / 3)
    expect(Math.max(...f.flat())).toBe(2 * n - 1)
    for (const triangle of f) expect(windsOutwards(v, triangle)).toBe(true)
    expect(lines.filter((l) => l.startsWith('o '))).toEqual(['o face_1', 'o face_2'])
  })

  it('has UV, material and texture when asked, with v from the bottom', () => {
    const { obj, mtl } = writeObj([mesh], { height: HEIGHT, textures: ['face.png'], mtlName: 'face.mtl' })
    const lines = text(obj).split('\n')
    expect(lines[0]).toBe('mtllib face.mtl')
    expect(mtl).toContain('map_Kd face.png')
    const vt = lines.filter((l) => l.startsWith('vt ')).map(numbers)
    expect(vt[9]).toEqual([model.uv[18]!, 1 - model.uv[19]!].map((x) => expect.closeTo(x, 5)))
    expect(lines.find((l) => l.startsWith('f '))).toMatch(/^f (\d+)\/\1 (\d+)\/\2 (\d+)\/\3$/)
  })

  it('names files in any script, in both files alike', () => {
    const { obj, mtl } = writeObj([mesh], { height: HEIGHT, textures: ['写真.png'], mtlName: 'zoë 写真.mtl' })
    expect(text(obj).split('\n')[0]).toBe('mtllib zoë 写真.mtl')
    expect(mtl).toContain('map_Kd 写真.png')
  })

  it('refuses file names that no line can hold', () => {
    const options = { height: HEIGHT, textures: ['face.png'], mtlName: 'face.mtl' }
    for (const wrong of [{ mtlName: 'a\nmap_Kd b.mtl' }, { textures: ['a\x1b[2J.png'] }])
      expect(() => writeObj([mesh], { ...options, ...wrong })).toThrow('file names without control characters')
  })

  it('refuses arrays that are not what they should be', () => {
    const wrong = { ...mesh, triangles: Array.from(mesh.triangles) as never }
    expect(() => writeObj([wrong], { height: HEIGHT })).toThrow('a Uint32Array of a multiple of 3 indices')
    expect(() => writeObj([{ ...mesh, uv: new Float64Array(2 * n) as never }], { height: HEIGHT })).toThrow('.uv')
  })
})

describe('.ply', () => {
  it.each(['binary', 'ascii'] as const)('%s holds the same mesh', (format) => {
    const bytes = writePly([mesh], { height: HEIGHT, format })
    const header = text(bytes.subarray(0, 600)).split('end_header\n')[0]!
    expect(header).toContain(`element vertex ${n}`)
    expect(header).toContain(`element face ${model.triangles.length / 3}`)
    const body = bytes.subarray(header.length + 'end_header\n'.length)
    const stride = 27
    const view = new DataView(body.buffer, body.byteOffset)
    const lines = text(body).split('\n')
    const vertex =
      format === 'binary'
        ? (i: number) => [0, 4, 8, 12, 16, 20].map((o) => view.getFloat32(i * stride + o, true))
        : (i: number) => lines[i]!.split(' ').map(Number)
    for (const i of [0, 55, n - 1]) {
      const expected = [
        vertices[3 * i]!,
        HEIGHT - vertices[3 * i + 1]!,
        vertices[3 * i + 2]!,
        mesh.normals![3 * i]!,
        -mesh.normals![3 * i + 1]!,
        mesh.normals![3 * i + 2]!,
      ]
      expect(vertex(i).slice(0, 6)).toEqual(expected.map((x) => expect.closeTo(x, 3)))
    }
    const last = model.triangles.length - 3
    const triangle =
      format === 'binary'
        ? [0, 4, 8].map((o) => view.getInt32(n * stride + (last / 3) * 13 + 1 + o, true))
        : lines[n + last / 3]!.split(' ').slice(1).map(Number)
    expect(triangle).toEqual([...model.triangles.subarray(last)].reverse())
    if (format === 'binary') expect(body.length).toBe(n * stride + (model.triangles.length / 3) * 13)
  })

  it('counts on over several meshes', () => {
    const plain = { vertices: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0), triangles: Uint32Array.of(0, 1, 2) }
    expect(
      text(writePly([plain, plain], { height: 1, format: 'ascii' }))
        .trim()
        .split('\n')
        .slice(-2),
    ).toEqual(['3 2 1 0', '3 5 4 3'])
  })
})

describe('.glb', () => {
  it('of no face has a scene, and nothing that is empty', async () => {
    const glb = await writeGlb([], { picture: { width: 4, height: 3 } })
    const json = JSON.parse(text(glb.subarray(20, 20 + new DataView(glb.buffer, glb.byteOffset).getUint32(12, true))))
    expect(json).toMatchObject({ scene: 0, scenes: [{ name: 'faces', nodes: [0] }], nodes: [{ name: 'no faces' }] })
    expect(Object.keys(json).sort()).toEqual(['asset', 'nodes', 'scene', 'scenes'])
    await expect(writeGlb([], { picture: { width: 0, height: 3 } })).rejects.toThrow('0 x 3')
  })

  it('comes back with outward triangles, unit normals, bounds and the way back to pixels', async () => {
    const texture = { data: Uint8Array.of(1, 2, 3), mimeType: 'image/png' as const }
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
    for (let i = 0; i < indices.length; i += 3)
      expect(windsOutwards(points, [...indices.subarray(i, i + 3)])).toBe(true)
    const { pixelsPerUnit, origin } = document.getRoot().listNodes()[0]!.getExtras() as {
      pixelsPerUnit: number
      origin: number[]
    }
    expect(points[100]![0]! * pixelsPerUnit + origin[0]!).toBeCloseTo(vertices[300]!, 3)
    expect(origin[1]! - points[100]![1]! * pixelsPerUnit).toBeCloseTo(vertices[301]!, 3)
    const normals = primitive.getAttribute('NORMAL')!.getArray()!
    for (let i = 0; i < normals.length; i += 3) expect(Math.hypot(...normals.subarray(i, i + 3))).toBeCloseTo(1, 5)
    expect(primitive.getAttribute('TEXCOORD_0')!.getCount()).toBe(n)
    expect(primitive.getMaterial()!.getBaseColorTexture()!.getImage()).toEqual(Uint8Array.of(1, 2, 3))
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
    const positions = (of: { getAttribute: typeof primitive.getAttribute }) => of.getAttribute('POSITION')!.getArray()!
    const moved = (by: readonly number[], i: number) =>
      primitive!
        .listTargets()
        .reduce((sum, target, k) => sum + by[k]! * positions(target)[i]!, positions(primitive!)[i]!)
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
})

describe('bad meshes', () => {
  const broken: [string, FaceMesh, RegExp][] = [
    ['an index out of range', { ...mesh, triangles: Uint32Array.of(0, 1, n) }, new RegExp(`indices below ${n}`)],
    [
      'a vertex that is not finite',
      { ...mesh, vertices: vertices.map((v, i) => (i === 5 ? Number.NaN : v)) },
      /finite numbers/,
    ],
    ['colours of another length', { ...mesh, colors: new Float32Array(3) }, /colors/],
  ]
  it.each(broken)('%s is refused by every writer', async (_, bad, message) => {
    expect(() => writeObj([bad], { height: 1 })).toThrow(message)
    expect(() => writePly([bad], { height: 1 })).toThrow(message)
    await expect(writeGlb([bad], { picture: { width: 1, height: 1 } })).rejects.toThrow(message)
  })

  it('a texture needs coordinates', async () => {
    const { uv: _, ...bare } = mesh
    expect(() => writeObj([bare], { height: 1, textures: ['a.png'] })).toThrow(/texture coordinates/)
    await expect(
      writeGlb([bare], {
        picture: { width: 1, height: 1 },
        textures: [{ data: new Uint8Array(1), mimeType: 'image/png' }],
      }),
    ).rejects.toThrow(/texture coordinates/)
  })
})
