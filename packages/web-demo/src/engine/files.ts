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
import { zipSync } from 'fflate'
import { liningOf } from './lining.ts'
import { encodePng } from './pictures.ts'
import type { Format, NamedFile } from './types.ts'

const TEXTURE_SIZE = 1024
const NAME = 'face'

/** What was aligned, and the canvas as it is shown. */
export interface Aligned {
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
  const { photo, shown, faces, solids } = aligned
  if (format === 'png') return { name: `${NAME}.png`, blob: await encodePng(shown) }
  if (format === 'json') {
    const images = [toJsonImage(NAME, photo, faces, { model: aligner.model })]
    const document = toAlignResult(aligner, images)
    return { name: `${NAME}.json`, blob: new Blob([JSON.stringify(document, null, 2)], { type: 'application/json' }) }
  }
  const { model, backend } = aligner
  const meshes = solids.map((solid) => ({ vertices: verticesOf(solid), triangles: model.triangles, uv: model.uv }))
  if (format === 'ply') return file('ply', writePly(meshes, { height: photo.height }))
  const textures = await Promise.all(
    faces.map((face) =>
      encodePng(uvTexture(photo, verticesOf(face), model, backend, { size: TEXTURE_SIZE, hidden: 'mirror' })),
    ),
  )
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
    return file('glb', await writeGlb(lit, { picture: photo, textures: await Promise.all(images), lining, ...targets }))
  }
  const names = textures.map((_, i) => `${NAME}_${i + 1}.png`)
  const { obj, mtl } = writeObj(meshes, { height: photo.height, textures: names, mtlName: `${NAME}.mtl` })
  const parts: Record<string, Uint8Array> = { [`${NAME}.obj`]: obj, [`${NAME}.mtl`]: new TextEncoder().encode(mtl) }
  for (const [i, texture] of textures.entries()) parts[names[i]!] = new Uint8Array(await texture.arrayBuffer())
  return file('obj.zip', zipSync(parts))
}

function file(extension: string, data: Uint8Array<ArrayBuffer>): NamedFile {
  return { name: `${NAME}.${extension}`, blob: new Blob([data], { type: 'application/octet-stream' }) }
}
