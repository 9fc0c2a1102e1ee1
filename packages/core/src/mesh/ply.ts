import { expect, expectOneOf } from '../errors.ts'
import { checkMeshes, type FaceMesh } from './face-mesh.ts'
import { TextBuffer } from './text-buffer.ts'

export const PLY_FORMATS = ['binary', 'ascii'] as const
export type PlyFormat = (typeof PLY_FORMATS)[number]

export interface PlyOptions {
  /** Height of the picture; y becomes height - y, so that up is up. */
  readonly height: number
  /** `binary` (little-endian) unless given: smaller, exact and much faster than `ascii`. */
  readonly format?: PlyFormat | undefined
}

const DECIMALS = 3

/**
 * One .ply of one or more meshes: x y z, nx ny nz when all have normals, red green blue when all have colours. Pixels, y up;
 * winding is counter-clockwise from outside.
 * @throws {InvalidInputError} on a mesh that does not add up, and for a format that there is not.
 */
export function writePly(meshes: readonly FaceMesh[], options: PlyOptions): Uint8Array<ArrayBuffer> {
  checkMeshes(meshes, options, '{ height }')
  const { height, format = 'binary' } = options
  expect(Number.isFinite(height), 'height', 'a number', height)
  expectOneOf(PLY_FORMATS, format, 'format')
  const parts = { normals: meshes.every((m) => m.normals), colors: meshes.every((m) => m.colors) }
  const header = new TextEncoder().encode(headerOf(meshes, parts, format))
  return format === 'ascii' ? writeAscii(meshes, parts, height, header) : writeBinary(meshes, parts, height, header)
}

interface Parts {
  readonly normals: boolean
  readonly colors: boolean
}

function headerOf(meshes: readonly FaceMesh[], { normals, colors }: Parts, format: PlyFormat): string {
  const sum = (count: (mesh: FaceMesh) => number): number => meshes.reduce((total, mesh) => total + count(mesh), 0)
  return [
    'ply',
    `format ${format === 'ascii' ? 'ascii' : 'binary_little_endian'} 1.0`,
    `element vertex ${sum((m) => m.vertices.length / 3)}`,
    ...['x', 'y', 'z', ...(normals ? ['nx', 'ny', 'nz'] : [])].map((name) => `property float ${name}`),
    ...(colors ? ['red', 'green', 'blue'].map((name) => `property uchar ${name}`) : []),
    `element face ${sum((m) => m.triangles.length / 3)}`,
    'property list uchar int vertex_indices',
    'end_header\n',
  ].join('\n')
}

const byte = (color: number): number => Math.max(0, Math.min(255, Math.round(color * 255)))

function writeBinary(
  meshes: readonly FaceMesh[],
  parts: Parts,
  height: number,
  header: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const stride = 12 + (parts.normals ? 12 : 0) + (parts.colors ? 3 : 0)
  const size = meshes.reduce(
    (total, m) => total + (m.vertices.length / 3) * stride + (m.triangles.length / 3) * 13,
    header.length,
  )
  const out = new Uint8Array(size)
  out.set(header)
  let at = header.length
  for (const mesh of meshes) {
    writeVertices(out, at, mesh, parts, height, stride)
    at += (mesh.vertices.length / 3) * stride
  }
  let first = 0
  for (const { vertices, triangles } of meshes) {
    writeTriangles(out, at, triangles, first)
    at += (triangles.length / 3) * 13
    first += vertices.length / 3
  }
  return out
}

function writeVertices(
  out: Uint8Array,
  start: number,
  { vertices, normals, colors }: FaceMesh,
  parts: Parts,
  height: number,
  stride: number,
): void {
  const view = new DataView(out.buffer)
  for (let i = 0, at = start; i < vertices.length; i += 3, at += stride) {
    view.setFloat32(at, vertices[i]!, true)
    view.setFloat32(at + 4, height - vertices[i + 1]!, true)
    view.setFloat32(at + 8, vertices[i + 2]!, true)
    let next = at + 12
    if (parts.normals) {
      view.setFloat32(next, normals![i]!, true)
      view.setFloat32(next + 4, -normals![i + 1]!, true)
      view.setFloat32(next + 8, normals![i + 2]!, true)
      next += 12
    }
    if (parts.colors) for (let k = 0; k < 3; k++) out[next + k] = byte(colors![i + k]!)
  }
}

function writeTriangles(out: Uint8Array, start: number, triangles: Uint32Array, first: number): void {
  for (let i = 0, at = start; i < triangles.length; i += 3) {
    out[at++] = 3
    // Turning y over mirrors the mesh; the reversed order turns its outside out again.
    for (let k = 2; k >= 0; k--) {
      const index = triangles[i + k]! + first
      out[at++] = index
      out[at++] = index >>> 8
      out[at++] = index >>> 16
      out[at++] = index >>> 24
    }
  }
}

function writeAscii(
  meshes: readonly FaceMesh[],
  parts: Parts,
  height: number,
  header: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const out = new TextBuffer(
    meshes.reduce((size, m) => size + 12 * m.vertices.length + 8 * m.triangles.length, header.length + 100),
  ).raw(header)
  for (const { vertices, normals, colors } of meshes)
    for (let i = 0; i < vertices.length; i += 3) {
      out
        .fixed(vertices[i]!, DECIMALS)
        .text(' ')
        .fixed(height - vertices[i + 1]!, DECIMALS)
        .text(' ')
        .fixed(vertices[i + 2]!, DECIMALS)
      if (parts.normals)
        out
          .text(' ')
          .fixed(normals![i]!, 4)
          .text(' ')
          .fixed(-normals![i + 1]!, 4)
          .text(' ')
          .fixed(normals![i + 2]!, 4)
      if (parts.colors) for (let k = i; k < i + 3; k++) out.text(' ').integer(byte(colors![k]!))
      out.text('\n')
    }
  let first = 0
  for (const { vertices, triangles } of meshes) {
    for (let i = 0; i < triangles.length; i += 3) {
      out.char(51)
      for (let k = 2; k >= 0; k--) out.char(32).integer(triangles[i + k]! + first)
      out.char(10)
    }
    first += vertices.length / 3
  }
  return out.finish()
}
