import { expect } from '../errors.ts'
import { checkMeshes, type FaceMesh } from './face-mesh.ts'
import { TextBuffer } from './text-buffer.ts'

export interface ObjOptions {
  /** Height of the picture; y becomes height - y, so that up is up. */
  readonly height: number
  /** Texture file of each mesh (needs `uv`); the material library `mtl` is then written and named `mtlName`. */
  readonly textures?: readonly string[] | undefined
  /** File name of the material library. */
  readonly mtlName?: string | undefined
}

const SPACE = 32
const SLASH = 47
const NEWLINE = 10
const DECIMALS = 3
const COLOR_DECIMALS = 4
const UV_DECIMALS = 6

/**
 * Wavefront .obj of one or more meshes, one object each: `v x y z` (with `r g b` behind when a mesh has colours), with UV and
 * materials when `textures` are named. Coordinates are pixels to 3 decimals, y up; winding is counter-clockwise from outside.
 * @throws {InvalidInputError} on a mesh that does not add up, textures without `uv`, or a file name with control characters, which
 *   no line can hold.
 */
export function writeObj(
  meshes: readonly FaceMesh[],
  options: ObjOptions,
): { obj: Uint8Array<ArrayBuffer>; mtl?: string } {
  checkMeshes(meshes, options, '{ height }')
  const { height, textures, mtlName = 'faces.mtl' } = options
  expect(Number.isFinite(height), 'height', 'a number', height)
  expect(!textures || textures.length === meshes.length, 'textures', `${meshes.length} names, one a mesh,`, textures)
  for (const name of [mtlName, ...(textures ?? [])])
    expect(isOneLine(name), 'textures and mtlName', 'file names without control characters', name)
  const out = new TextBuffer(
    meshes.reduce((size, m) => size + 14 * m.vertices.length + 9 * m.triangles.length + 200, 200),
  )
  if (textures) out.text(`mtllib ${mtlName}\n`)
  let offset = 1
  meshes.forEach((mesh, i) => {
    expect(!textures || mesh.uv !== undefined, `meshes[${i}].uv`, 'texture coordinates', undefined)
    out.text(`o face_${i + 1}\n`)
    writeVertices(out, mesh, height)
    if (textures) writeUv(out.text(`usemtl face_${i + 1}\n`), mesh.uv!)
    writeTriangles(out, mesh.triangles, offset, textures !== undefined)
    offset += mesh.vertices.length / 3
  })
  return { obj: out.finish(), ...(textures && { mtl: textures.map(material).join('') }) }
}

function isOneLine(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  return !/[\x00-\x1f\x7f-\x9f]/.test(name)
}

function writeVertices(out: TextBuffer, { vertices, colors }: FaceMesh, height: number): void {
  for (let i = 0; i < vertices.length; i += 3) {
    out.char(118).char(SPACE).fixed(vertices[i]!, DECIMALS)
    out.char(SPACE).fixed(height - vertices[i + 1]!, DECIMALS)
    out.char(SPACE).fixed(vertices[i + 2]!, DECIMALS)
    if (colors) for (let k = i; k < i + 3; k++) out.char(SPACE).fixed(colors[k]!, COLOR_DECIMALS)
    out.char(NEWLINE)
  }
}

function writeUv(out: TextBuffer, uv: Float32Array): void {
  // .obj counts v from the bottom.
  for (let i = 0; i < uv.length; i += 2)
    out
      .text('vt ')
      .fixed(uv[i]!, UV_DECIMALS)
      .char(SPACE)
      .fixed(1 - uv[i + 1]!, UV_DECIMALS)
      .char(NEWLINE)
}

function writeTriangles(out: TextBuffer, triangles: Uint32Array, offset: number, withUv: boolean): void {
  for (let i = 0; i < triangles.length; i += 3) {
    out.char(102)
    // Turning y over mirrors the mesh; the reversed order turns its outside out again.
    for (let k = 2; k >= 0; k--) {
      const index = triangles[i + k]! + offset
      out.char(SPACE).integer(index)
      if (withUv) out.char(SLASH).integer(index)
    }
    out.char(NEWLINE)
  }
}

function material(texture: string, i: number): string {
  return `newmtl face_${i + 1}\nKa 1 1 1\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd ${texture}\n`
}
