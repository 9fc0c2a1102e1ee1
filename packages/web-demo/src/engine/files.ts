import {
  expressionTargets,
  type Face,
  type FaceAligner,
  type ImageView,
  mouthColors,
  toAlignResult,
  toJsonImage,
  uvTexture,
  verticesOf,
  writeObj,
  writePly,
} from '@3ddfa/core'
import { writeGlb } from '@3ddfa/core/gltf'
import { type Zippable, zipSync } from 'fflate'
import { liningOf } from './lining.ts'
import { encodePng } from './pictures.ts'
import type { Format, NamedFile } from './types.ts'

const TEXTURE_SIZE = 1024
/** Of files within an archive. */
const PART = 'face'

/** The skin of each face as PNG, which several formats take and is long in the making. */
const skins = new WeakMap<Face, Promise<Blob>>()

/** What was aligned, and the canvas as it is shown. */
export interface Aligned {
  /** The picture's file, or what stands for it. */
  readonly name: string
  readonly photo: ImageView
  readonly shown: ImageView
  readonly faces: readonly Face[]
  /** The faces as their meshes are shown: with the expressions of the sliders. */
  readonly solids: readonly Pick<Face, 'params' | 'roi' | 'vertices'>[]
}

/**
 * The file of one format; `.obj` comes zipped with its material library and textures. Meshes are as they are shown, `.json` says
 * what was found.
 */
export async function makeFile(format: Format, aligned: Aligned, aligner: FaceAligner): Promise<NamedFile> {
  const { name, photo, shown, faces, solids } = aligned
  const stem = name.replace(/\.\w+$/, '')
  const file = (ending: string, data: Blob | Uint8Array<ArrayBuffer>): NamedFile => ({
    name: `${stem}_${ending}`,
    blob: data instanceof Blob ? data : new Blob([data], { type: 'application/octet-stream' }),
  })
  if (format === 'png') return file('faces.png', await encodePng(shown))
  if (format === 'json') {
    const images = [toJsonImage(name, photo, faces, { model: aligner.model })]
    const document = toAlignResult(aligner, images)
    return file('faces.json', new Blob([JSON.stringify(document, null, 2)], { type: 'application/json' }))
  }
  const { model, backend } = aligner
  const meshes = solids.map((solid) => ({ vertices: verticesOf(solid), triangles: model.triangles, uv: model.uv }))
  if (format === 'ply') return file('faces.ply', writePly(meshes, { height: photo.height }))
  const textures = await Promise.all(faces.map((face) => skinOf(face, photo, aligner)))
  if (format === 'glb') {
    const lining = liningOf(model)
    const images = textures.map(async (blob, i) => ({
      data: new Uint8Array(await blob.arrayBuffer()),
      mimeType: 'image/png' as const,
      mouth: lining && mouthColors(photo, verticesOf(faces[i]!), lining, model),
    }))
    const lit = meshes.map((mesh) => ({ ...mesh, normals: backend.vertexNormals(mesh) }))
    const { inputSize } = aligner.regressor
    // Modes without names would double the file and tell no other program anything.
    const targets = model.expressionNames && {
      targets: solids.map(({ params, roi }) => expressionTargets(model, params, { roi, inputSize })),
    }
    return file(
      'faces.glb',
      await writeGlb(lit, { picture: photo, textures: await Promise.all(images), lining, ...targets }),
    )
  }
  const names = textures.map((_, i) => `${PART}_${i + 1}.png`)
  const { obj, mtl } = writeObj(meshes, { height: photo.height, textures: names, mtlName: `${PART}.mtl` })
  // Everything else waits: the fastest level, and none for what is compressed.
  const parts: Zippable = { [`${PART}.obj`]: [obj, { level: 1 }], [`${PART}.mtl`]: new TextEncoder().encode(mtl) }
  for (const [i, texture] of textures.entries())
    parts[names[i]!] = [new Uint8Array(await texture.arrayBuffer()), { level: 0 }]
  return file('faces.obj.zip', zipSync(parts))
}

function skinOf(face: Face, photo: ImageView, { model, backend }: FaceAligner): Promise<Blob> {
  let skin = skins.get(face)
  if (!skin) {
    skin = encodePng(uvTexture(photo, verticesOf(face), model, backend, { size: TEXTURE_SIZE, hidden: 'mirror' }))
    skins.set(face, skin)
  }
  return skin
}
