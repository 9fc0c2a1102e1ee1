import { type Face, type ImageView, type RenderTarget, rasterizeFaces } from '@3ddfa/core'
import { CliError } from '../errors.ts'
import { readPicture } from '../images.ts'
import type { PictureEngineFlags } from './engine-options.ts'
import type { Engine } from './with-engine.ts'

/** One face of a picture. */
export interface Subject {
  readonly image: ImageView
  readonly face: Face
  readonly vertices: Float32Array
  /** Those of the picture's other faces. */
  readonly others: readonly Float32Array[]
  /** All faces of the picture, this one's triangles from `firstId` on. */
  readonly target: RenderTarget
  readonly firstId: number
}

/** @throws {CliError} when the picture cannot be read or has no such face; the first is number 1. */
export async function openSubject(
  path: string,
  number: number,
  engine: Engine,
  flags: Pick<PictureEngineFlags, 'maxPixels' | 'anyRoll'>,
): Promise<Subject> {
  const { aligner, surface, console } = engine
  const { image, note } = await readPicture(path, flags)
  if (note !== undefined) console.warn(note)
  const faces = await aligner.align(image, { dense: true, anyRoll: flags.anyRoll })
  if (number > faces.length) throw new CliError(`${path} has ${countOf(faces)}; there is no face ${number}.`)
  const meshes = faces.map((face) => ({ vertices: surface.verticesOf(face) }))
  return {
    image,
    face: faces[number - 1]!,
    vertices: meshes[number - 1]!.vertices,
    others: meshes.filter((_, i) => i !== number - 1).map(({ vertices }) => vertices),
    target: rasterizeFaces(image, meshes, surface.mesh, aligner.backend),
    firstId: ((number - 1) * surface.mesh.triangles.length) / 3,
  }
}

function countOf(faces: readonly Face[]): string {
  return faces.length === 1 ? '1 face' : `${faces.length === 0 ? 'no' : faces.length} faces`
}
