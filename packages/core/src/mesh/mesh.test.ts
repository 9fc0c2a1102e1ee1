import { describe, expect, it } from 'vitest'
import { writeGlb } from '../gltf/write-glb.ts'
import { random } from '../testing.ts'
import type { FaceMesh } from './face-mesh.ts'
import { writeObj } from './obj.ts'
import { writePly } from './ply.ts'
import { toyMesh, windsOutwards } from './testing.ts'
import { TextBuffer } from './text-buffer.ts'

const { model, vertices, mesh } = toyMesh()
const n = model.vertexCount
const next = random(4)
const HEIGHT = 100
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const numbers = (line: string) => line.split(/[ /]/).slice(1).map(Number)

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

describe('bad meshes', () => {
  const broken: [string, FaceMesh, RegExp][] = [
    ['an index out of range', { ...mesh, triangles: Uint32Array.of(0, 1, n) }, new RegExp(`indices below ${n}`)],
    [
      'a vertex that is not finite',
      { ...mesh, vertices: vertices.map((v, i) => (i === 5 ? Number.NaN : v)) },
      /finite numbers/,
    ],
    ['a colour that is none', { ...mesh, colors: new Float32Array(3 * n).fill(Number.NaN) }, /mesh.*colors/],
    ['a normal that is none', { ...mesh, normals: new Float32Array(3 * n).fill(Infinity) }, /mesh.*normals/],
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
