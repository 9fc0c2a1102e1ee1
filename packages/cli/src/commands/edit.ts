import { dirname, join, parse, resolve } from 'node:path'
import {
  createUvChart,
  type ImageView,
  matchColors,
  paintTexture,
  seenTexels,
  type UvChart,
  type UvMask,
  uvTexture,
} from '@3ddfa/core'
import { CliError, EXIT } from '../errors.ts'
import { createFolder, writeWhole } from '../files.ts'
import { encodePng } from '../png.ts'
import type { EditFlags } from './edit-command.ts'
import { express } from './edit-expression.ts'
import { openMask } from './edit-mask.ts'
import { openSubject, type Subject } from './edit-subject.ts'
import { readTile } from './edit-tile.ts'
import { type Engine, withEngine } from './with-engine.ts'

/** Writes the photograph with another skin or another expression on one of its faces. */
export async function edit(input: string, flags: EditFlags): Promise<void> {
  const isExpression = (flags.expressionFrom ?? flags.expression) !== undefined
  if (!isExpression && (flags.swap ?? flags.texture) === undefined)
    throw new CliError(
      'Expected --swap with a picture of a face, --texture with a texture picture, or --expression-from or --expression.',
      EXIT.usage,
    )
  const out = flags.out ?? join('out', `${parse(input).name}_edited.png`)
  refuse(out, input, isExpression, flags)
  await withEngine(flags, async (engine) => {
    const subject = await openSubject(input, flags.face, engine, flags)
    const data = await (isExpression ? express(subject, out, engine, flags) : paint(subject, engine, flags))
    createFolder(dirname(out))
    writeWhole(out, data)
    engine.console.info(`${input} -> ${out}`)
  })
}

/** Before anything is read: options must go together, and the result be of a kind that can be made, and none of the inputs. */
function refuse(out: string, input: string, isExpression: boolean, flags: EditFlags): void {
  if (flags.maskBase !== undefined && flags.mask === undefined)
    throw new CliError('--mask-base needs a --mask to compare with.', EXIT.usage)
  if (!(isExpression ? /\.(png|glb)$/i : /\.png$/i).test(out))
    throw new CliError(
      `Expected a name that ends in .png${isExpression ? ' or .glb' : ''} for --out but received ${out}.`,
      EXIT.usage,
    )
  for (const file of [input, flags.swap, flags.texture, flags.expressionFrom, flags.mask, flags.maskBase])
    if (file !== undefined && resolve(file) === resolve(out))
      throw new CliError(`The result would overwrite the input ${file}; give another --out.`, EXIT.usage)
}

async function paint(subject: Subject, engine: Engine, flags: EditFlags): Promise<Uint8Array> {
  const { mesh } = engine.surface
  const { backend } = engine.aligner
  const chart = createUvChart(mesh, flags.textureSize, backend)
  const mask = await openMask(mesh, flags)
  const texture = await openTexture(subject, chart, mask, engine, flags)
  const edited = paintTexture(subject.image, subject.vertices, mesh, texture, backend, {
    ...{ mask, blend: flags.blend, target: subject.target, firstId: subject.firstId },
    ...(flags.feather !== undefined && { feather: flags.feather }),
  })
  return encodePng(edited)
}

async function openTexture(
  subject: Subject,
  chart: UvChart,
  mask: UvMask,
  engine: Engine,
  flags: EditFlags,
): Promise<ImageView> {
  const { surface, aligner } = engine
  if (flags.swap === undefined) return readTile(flags.texture!, 'texture', flags.face, flags)
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
