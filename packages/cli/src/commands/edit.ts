import { dirname, join, parse, resolve } from 'node:path'
import {
  createUvChart,
  type Face,
  type ImageView,
  matchColors,
  paintTexture,
  type RenderTarget,
  rasterizeFaces,
  seenTexels,
  type UvChart,
  type UvMask,
  uvTexture,
} from '@3ddfa/core'
import { CliError, EXIT } from '../errors.ts'
import { createFolder, writeWhole } from '../files.ts'
import { readPicture } from '../images.ts'
import { encodePng } from '../png.ts'
import type { EditFlags } from './edit-command.ts'
import { openMask } from './edit-mask.ts'
import { type Engine, withEngine } from './with-engine.ts'

/** Writes the photograph with another skin on one of its faces. */
export async function edit(input: string, flags: EditFlags): Promise<void> {
  if ((flags.swap ?? flags.texture) === undefined)
    throw new CliError('Expected --swap with a picture of a face, or --texture with a texture picture.', EXIT.usage)
  const out = flags.out ?? join('out', `${parse(input).name}_edited.png`)
  refuse(out, input, flags)
  await withEngine(flags, async (engine) => {
    const subject = await openSubject(input, flags.face, engine, flags)
    const chart = createUvChart(engine.surface.mesh, flags.textureSize, engine.aligner.backend)
    const mask = await openMask(engine.surface.mesh, flags)
    const texture = await openTexture(subject, chart, mask, engine, flags)
    const { mesh } = engine.surface
    const edited = paintTexture(subject.image, subject.vertices, mesh, texture, engine.aligner.backend, {
      ...{ mask, blend: flags.blend, target: subject.target, firstId: subject.firstId },
      ...(flags.feather !== undefined && { feather: flags.feather }),
    })
    createFolder(dirname(out))
    writeWhole(out, await encodePng(edited))
    engine.console.info(`${input} -> ${out}`)
  })
}

/** Before anything is read: the result must be a .png and none of the inputs. */
function refuse(out: string, input: string, { swap, texture, mask, maskBase }: EditFlags): void {
  if (!/\.png$/i.test(out))
    throw new CliError(`Expected a name that ends in .png for --out but received ${out}.`, EXIT.usage)
  for (const file of [input, swap, texture, mask, maskBase])
    if (file !== undefined && resolve(file) === resolve(out))
      throw new CliError(`The result would overwrite the input ${file}; give another --out.`, EXIT.usage)
}

/** One face of a picture. */
interface Subject {
  readonly image: ImageView
  readonly vertices: Float32Array
  /** All faces of the picture, this one's triangles from `firstId` on. */
  readonly target: RenderTarget
  readonly firstId: number
}

async function openSubject(path: string, number: number, engine: Engine, flags: EditFlags): Promise<Subject> {
  const { aligner, surface, console } = engine
  const { image, note } = await readPicture(path, flags)
  if (note !== undefined) console.warn(note)
  const faces = await aligner.align(image, { dense: true })
  if (number > faces.length) throw new CliError(`${path} has ${countOf(faces)}; there is no face ${number}.`)
  const meshes = faces.map((face) => ({ vertices: surface.verticesOf(face) }))
  return {
    image,
    vertices: meshes[number - 1]!.vertices,
    target: rasterizeFaces(image, meshes, surface.mesh, aligner.backend),
    firstId: ((number - 1) * surface.mesh.triangles.length) / 3,
  }
}

function countOf(faces: readonly Face[]): string {
  return faces.length === 1 ? '1 face' : `${faces.length === 0 ? 'no' : faces.length} faces`
}

async function openTexture(
  subject: Subject,
  chart: UvChart,
  mask: UvMask,
  engine: Engine,
  flags: EditFlags,
): Promise<ImageView> {
  const { surface, aligner } = engine
  if (flags.swap === undefined) return (await readPicture(flags.texture!, flags)).image
  const reference = await openSubject(flags.swap, flags.referenceFace, engine, flags)
  const unwrap = ({ image, vertices, target }: Subject, hidden: 'mirror' | 'keep'): ImageView =>
    uvTexture(image, vertices, surface.mesh, aligner.backend, { chart, hidden, target })
  const texture = unwrap(reference, 'mirror')
  if (!flags.matchColors) return texture
  const seen = [subject, reference].map(({ image, vertices, target }) =>
    seenTexels(image, vertices, surface.mesh, aligner.backend, { chart, target }),
  )
  const weights = seen[0]!.map((value, t) => value * seen[1]![t]! * maskAt(mask, t, chart.size))
  return matchColors(texture, unwrap(subject, 'keep'), weights)
}

/** The mask's value at a texel of a chart of another size. */
function maskAt({ size, data }: UvMask, t: number, chartSize: number): number {
  const at = (texel: number): number => Math.floor(((texel + 0.5) * size) / chartSize)
  return data[at(Math.floor(t / chartSize)) * size + at(t % chartSize)]!
}
