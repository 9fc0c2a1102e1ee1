import { mouthColors, transferExpression, uvTexture, warpFace, withExpression } from '@3ddfa/core'
import { CliError, EXIT, messageOf } from '../errors.ts'
import { encodePng } from '../png.ts'
import type { EditFlags } from './edit-command.ts'
import { openSubject, type Subject } from './edit-subject.ts'
import type { Engine } from './with-engine.ts'

/** The photograph with another expression, or, where `out` ends in .glb, the mesh with it. */
export async function express(subject: Subject, out: string, engine: Engine, flags: EditFlags): Promise<Uint8Array> {
  const { aligner, surface } = engine
  const params = await changed(subject, engine, flags)
  const vertices = surface.verticesOf({ vertices: aligner.vertices({ params, roi: subject.face.roi }) })
  if (/\.glb$/i.test(out)) return meshOf(subject, vertices, engine, flags)
  const { others } = subject
  return encodePng(warpFace(subject.image, subject.vertices, vertices, surface.mesh, aligner.backend, { others }))
}

async function changed({ face }: Subject, engine: Engine, flags: EditFlags): Promise<Float32Array> {
  const { model } = engine.aligner
  if (model.expressionCount === 0)
    throw new CliError(`${flags.model} knows no expressions; give --model open or mb05.`, EXIT.usage)
  const { expressionFrom, expression = {}, referenceFace, amount } = flags
  const other = expressionFrom && (await openSubject(expressionFrom, referenceFace, engine, flags))
  const params = other ? transferExpression(model, face.params, other.face.params, amount) : face.params
  try {
    return withExpression(model, params, expression)
  } catch (error) {
    throw new CliError(messageOf(error), EXIT.usage)
  }
}

async function meshOf(
  { image, vertices: seen, target }: Subject,
  vertices: Float32Array,
  { aligner: { backend }, surface }: Engine,
  { textureSize }: EditFlags,
): Promise<Uint8Array> {
  const { writeGlb } = await import('@3ddfa/core/gltf')
  const { mesh } = surface
  const lining = surface.lining()
  const mouth = lining && mouthColors(image, seen, lining, mesh)
  const skin = uvTexture(image, seen, mesh, backend, { size: textureSize, hidden: 'mirror', target })
  const { triangles, uv } = mesh
  const solid = { vertices, triangles, uv, normals: backend.vertexNormals({ vertices, triangles }) }
  const texture = { data: await encodePng(skin), mimeType: 'image/png', mouth } as const
  return writeGlb([solid], { picture: image, textures: [texture], lining })
}
