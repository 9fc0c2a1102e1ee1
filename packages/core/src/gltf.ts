import { Document, WebIO } from '@gltf-transform/core'
import { expect } from './errors.ts'
import { checkMesh, type FaceMesh } from './mesh/face-mesh.ts'

export { FaceAnimation, type FaceAnimationOptions, type FaceTexture } from './gltf-animation.ts'

export interface GlbOptions {
  /** Size of the picture: its centre becomes the origin, its longer side one unit. */
  readonly picture: { readonly width: number; readonly height: number }
  /** Encoded texture of each mesh (needs `uv`). */
  readonly textures?: readonly { readonly data: Uint8Array; readonly mimeType: 'image/png' | 'image/jpeg' }[]
}

/**
 * Binary glTF 2.0: one node and mesh a face, with normals, and texture (or vertex colours) when given. Right-handed, y up, z
 * towards the viewer; `extras` of each node tell how to get back to pixels.
 * @throws {InvalidInputError} on a mesh that does not add up, or textures without `uv`.
 */
export async function writeGlb(meshes: readonly FaceMesh[], { picture, textures }: GlbOptions): Promise<Uint8Array> {
  expect(!textures || textures.length === meshes.length, 'textures', `${meshes.length} textures, one a mesh,`, textures)
  const document = new Document()
  document.getRoot().getAsset().generator = '@3ddfa/core'
  document.createBuffer()
  const scene = document.createScene('faces')
  const unit = Math.max(picture.width, picture.height)
  meshes.forEach((mesh, i) => {
    checkMesh(mesh, `meshes[${i}]`)
    const node = document
      .createNode(`face_${i + 1}`)
      .setMesh(
        document.createMesh(`face_${i + 1}`).addPrimitive(primitive(document, mesh, picture, unit, textures?.[i])),
      )
    node.setExtras({
      pixelsPerUnit: unit,
      origin: [picture.width / 2, picture.height / 2],
      axes: 'x right, y up, z towards the viewer',
    })
    scene.addChild(node)
  })
  return new WebIO().writeBinary(document)
}

function primitive(
  document: Document,
  mesh: FaceMesh,
  picture: GlbOptions['picture'],
  unit: number,
  texture: NonNullable<GlbOptions['textures']>[number] | undefined,
): ReturnType<Document['createPrimitive']> {
  expect(!texture || mesh.uv !== undefined, 'mesh.uv', 'texture coordinates', undefined)
  const material = document.createMaterial('skin').setRoughnessFactor(0.8).setMetallicFactor(0)
  const result = document.createPrimitive().setMaterial(material)
  const attribute = (name: string, type: 'VEC2' | 'VEC3', array: Float32Array<ArrayBuffer>): void => {
    result.setAttribute(name, document.createAccessor(name).setType(type).setArray(array))
  }
  attribute('POSITION', 'VEC3', positions(mesh.vertices, picture, unit))
  if (mesh.normals) attribute('NORMAL', 'VEC3', upwards(mesh.normals))
  if (texture) {
    attribute('TEXCOORD_0', 'VEC2', mesh.uv!.slice())
    material.setBaseColorTexture(
      document.createTexture('photograph').setImage(new Uint8Array(texture.data)).setMimeType(texture.mimeType),
    )
  } else if (mesh.colors) attribute('COLOR_0', 'VEC3', linear(mesh.colors))
  return result.setIndices(document.createAccessor('triangles').setType('SCALAR').setArray(reversed(mesh.triangles)))
}

function positions(
  vertices: Float32Array,
  { width, height }: GlbOptions['picture'],
  unit: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(vertices.length)
  for (let i = 0; i < out.length; i += 3) {
    out[i] = (vertices[i]! - width / 2) / unit
    out[i + 1] = (height / 2 - vertices[i + 1]!) / unit
    out[i + 2] = vertices[i + 2]! / unit
  }
  return out
}

function upwards(normals: Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(normals)
  for (let i = 1; i < out.length; i += 3) out[i] = -out[i]!
  return out
}

/** glTF's vertex colours are linear light; a photograph's are sRGB. */
function linear(colors: Float32Array): Float32Array<ArrayBuffer> {
  return new Float32Array(colors).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
}

/** Turning y over mirrors the mesh; the reversed order turns its outside out again. */
function reversed(triangles: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = triangles.slice() as Uint32Array<ArrayBuffer>
  for (let i = 0; i < out.length; i += 3) {
    out[i] = triangles[i + 2]!
    out[i + 2] = triangles[i]!
  }
  return out
}
