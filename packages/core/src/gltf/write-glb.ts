import { type Accessor, type Document, type Mesh, type Primitive, WebIO } from '@gltf-transform/core'
import { expect } from '../errors.ts'
import { checkMeshes, type FaceMesh } from '../mesh/face-mesh.ts'
import { type MorphTarget, withoutTargets } from '../mesh/morph-target.ts'
import { liningVertices, type MouthLining } from '../mesh/mouth-lining.ts'
import { reversed } from '../mesh/reversed.ts'
import { createDocument, createMouth, createSkin, linear, pixelExtras, turnedOver } from './parts.ts'
import type { FaceTexture, PictureSize } from './picture.ts'

export interface GlbOptions {
  readonly picture: PictureSize
  /** Encoded texture of each mesh (needs `uv`). */
  readonly textures?: readonly FaceTexture[] | undefined
  /** Morph targets of each mesh, see `expressionTargets`. With their weights, which the file has as its own, a mesh is as given. */
  readonly targets?: readonly (readonly MorphTarget[])[] | undefined
  /** Closes each mesh behind its lips (`createMouthLining`), as a part of its own with the colours `mouth` of its texture. */
  readonly lining?: MouthLining | undefined
}

/**
 * Binary glTF 2.0: one node and mesh a face, with normals, and texture (or vertex colours) when given. Right-handed, y up, z
 * towards the viewer; `extras` of each node tell how to get back to pixels. Of no meshes: a scene without any.
 * @throws {InvalidInputError} on a mesh, targets or a lining that do not add up, or textures without `uv`.
 */
export async function writeGlb(meshes: readonly FaceMesh[], options: GlbOptions): Promise<Uint8Array<ArrayBuffer>> {
  checkMeshes(meshes, options, '{ picture }')
  const { picture, textures, targets, lining } = options
  expect(!textures || textures.length === meshes.length, 'textures', `${meshes.length} textures, one a mesh,`, textures)
  expect(!targets || targets.length === meshes.length, 'targets', `${meshes.length} lists, one a mesh,`, targets)
  const { document, scene } = createDocument(picture, meshes.length)
  const shared = new SharedAccessors(document)
  meshes.forEach((mesh, i) => {
    const own = targets?.[i] ?? []
    const still = { ...mesh, vertices: withoutTargets(mesh.vertices, own) }
    const face = document
      .createMesh(`face_${i + 1}`)
      .addPrimitive(primitive(document, shared, still, picture, textures?.[i]))
    addTargets(document, face, own, picture)
    if (lining) addMouth(document, face, lining, still.vertices, own, picture, textures?.[i])
    scene.addChild(document.createNode(face.getName()).setMesh(face).setExtras(pixelExtras(picture)))
  })
  return new WebIO().writeBinary(document)
}

function addMouth(
  document: Document,
  mesh: Mesh,
  lining: MouthLining,
  vertices: Float32Array,
  targets: readonly MorphTarget[],
  picture: PictureSize,
  texture: FaceTexture | undefined,
): void {
  const place = positions(liningVertices(lining, vertices), picture)
  const mouth = createMouth(document, lining, texture?.mouth).setAttribute(
    'POSITION',
    document.createAccessor('mouth').setType('VEC3').setArray(place),
  )
  mesh.addPrimitive(mouth)
  addOffsets(
    document,
    mouth,
    targets.map((target) => ({ ...target, offsets: liningVertices(lining, target.offsets) })),
    picture,
  )
}

function addTargets(document: Document, mesh: Mesh, targets: readonly MorphTarget[], picture: PictureSize): void {
  if (targets.length === 0) return
  addOffsets(document, mesh.listPrimitives()[0]!, targets, picture)
  mesh.setWeights(targets.map(({ weight }) => weight)).setExtras({ targetNames: targets.map(({ name }) => name) })
}

function addOffsets(
  document: Document,
  primitive: Primitive,
  targets: readonly MorphTarget[],
  picture: PictureSize,
): void {
  const unit = Math.max(picture.width, picture.height)
  for (const { name, offsets } of targets) {
    const moves = turnedOver(offsets).map((v) => v / unit)
    const accessor = document.createAccessor(name).setType('VEC3').setArray(moves)
    primitive.addTarget(document.createPrimitiveTarget(name).setAttribute('POSITION', accessor))
  }
}

/** Accessors by the arrays that they were made from: what meshes have in common, as triangles and `uv`, is in the file once. */
class SharedAccessors {
  readonly #document: Document
  readonly #made = new Map<Uint32Array | Float32Array, Accessor>()

  constructor(document: Document) {
    this.#document = document
  }

  of<T extends Uint32Array | Float32Array>(
    array: T,
    name: string,
    type: 'SCALAR' | 'VEC2',
    convert: (array: T) => Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
  ): Accessor {
    const known = this.#made.get(array)
    if (known) return known
    const accessor = this.#document.createAccessor(name).setType(type).setArray(convert(array))
    this.#made.set(array, accessor)
    return accessor
  }
}

function primitive(
  document: Document,
  shared: SharedAccessors,
  mesh: FaceMesh,
  picture: PictureSize,
  texture: FaceTexture | undefined,
): ReturnType<Document['createPrimitive']> {
  expect(!texture || mesh.uv !== undefined, 'mesh.uv', 'texture coordinates', undefined)
  const result = document.createPrimitive().setMaterial(createSkin(document, texture))
  const attribute = (name: string, type: 'VEC2' | 'VEC3', array: Float32Array<ArrayBuffer>): void => {
    result.setAttribute(name, document.createAccessor(name).setType(type).setArray(array))
  }
  attribute('POSITION', 'VEC3', positions(mesh.vertices, picture))
  if (mesh.normals) attribute('NORMAL', 'VEC3', turnedOver(mesh.normals))
  if (texture)
    result.setAttribute(
      'TEXCOORD_0',
      shared.of(mesh.uv!, 'TEXCOORD_0', 'VEC2', (uv) => uv.slice()),
    )
  else if (mesh.colors) attribute('COLOR_0', 'VEC3', linear(mesh.colors))
  return result.setIndices(shared.of(mesh.triangles, 'triangles', 'SCALAR', reversed))
}

function positions(vertices: Float32Array, { width, height }: PictureSize): Float32Array<ArrayBuffer> {
  const unit = Math.max(width, height)
  const out = new Float32Array(vertices.length)
  for (let i = 0; i < out.length; i += 3) {
    out[i] = (vertices[i]! - width / 2) / unit
    out[i + 1] = (height / 2 - vertices[i + 1]!) / unit
    out[i + 2] = vertices[i + 2]! / unit
  }
  return out
}
