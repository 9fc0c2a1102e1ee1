import { mouthColors, vertexColors, writeObj, writePly } from '@3ddfa/core'
import type { EndingOf } from './names.ts'
import type { Scene } from './scene.ts'
import type { OutputFile, Writer } from './writer.ts'

/** All faces in one .ply. */
export const plyMesh: Writer<'.ply'> = async (scene) => {
  const data = writePly(scene.meshes(), { height: scene.image.height, format: scene.settings.ply })
  return [{ suffix: '.ply', data }]
}

/** All faces in one .obj: with the photo's colours a vertex, or without, or with textures and their material library. */
export const objMesh: Writer<EndingOf<'obj'>> = async (scene, name) => {
  if (scene.settings.obj === 'textured') return texturedObj(scene, name)
  const colored = scene.settings.obj === 'colors'
  const meshes = scene
    .meshes()
    .map((mesh) => (colored ? { ...mesh, colors: vertexColors(scene.image, mesh.vertices) } : mesh))
  return [{ suffix: '.obj', data: writeObj(meshes, { height: scene.image.height }).obj }]
}

/** All faces in one .obj with textures and their material library, whatever --obj says. */
export const texturedMesh: Writer<EndingOf<'texture'>> = texturedObj

async function texturedObj(scene: Scene, name: string): Promise<OutputFile<EndingOf<'texture'>>[]> {
  const meshes = scene.meshes().map((mesh) => ({ ...mesh, uv: scene.surface.mesh.uv }))
  const images = (await scene.texturePngs()).map((data, i) => ({ suffix: `_${i + 1}.png` as const, data }))
  const { obj, mtl } = writeObj(meshes, {
    height: scene.image.height,
    textures: images.map(({ suffix }) => `${name}${suffix}`),
    mtlName: `${name}.mtl`,
  })
  return [{ suffix: '.obj', data: obj }, { suffix: '.mtl', data: mtl! }, ...images]
}

/** All faces in one .glb, with normals, textures and closed mouths; with --morph-targets their expressions can be moved. */
export const glbMesh: Writer<'.glb'> = async (scene) => {
  const { writeGlb } = await import('@3ddfa/core/gltf')
  const { mesh } = scene.surface
  const lining = scene.surface.lining()
  const pngs = await scene.texturePngs()
  const meshes = scene.meshes().map((face) => ({ ...face, uv: mesh.uv, normals: scene.backend.vertexNormals(face) }))
  const textures = meshes.map(({ vertices }, i) => ({
    data: pngs[i]!,
    mimeType: 'image/png' as const,
    mouth: lining && mouthColors(scene.image, vertices, lining, mesh),
  }))
  const targets = scene.settings.morphTargets && { targets: scene.expressionTargets() }
  return [{ suffix: '.glb', data: await writeGlb(meshes, { picture: scene.image, textures, lining, ...targets }) }]
}
