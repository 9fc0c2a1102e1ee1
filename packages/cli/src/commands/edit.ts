import { statSync } from 'node:fs'
import { join, parse } from 'node:path'
import {
  createUvChart,
  type ImageView,
  matchColors,
  paintTexture,
  REGION_DEFAULTS,
  seenTexels,
  skinMask,
  type UvMask,
  uvTexture,
} from '@3ddfa/core'
import { CliError, EXIT, systemReason } from '../errors.ts'
import { prepareOutput, writeWhole } from '../files.ts'
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
    writeWhole(out, data)
    engine.console.info(`${input} -> ${out}`)
  })
}

/** Before anything is read: options must go together, and the result be of a kind that can be made, and none of the inputs. */
function refuse(out: string, input: string, isExpression: boolean, flags: EditFlags): void {
  const { swap, texture, textureSize, expressionFrom, mask, maskBase, blend, feather, amount, referenceFace } = flags
  // What has its default value is as good as not given.
  const useless: readonly [boolean, string][] = [
    [maskBase !== undefined && mask === undefined, '--mask-base needs a --mask to compare with.'],
    [
      feather !== undefined && blend === 'none',
      '--feather needs another --blend than none, which leaves no soft outline.',
    ],
    [isExpression && textureSize !== 1024, '--texture-size needs a --swap; an expression keeps its photograph.'],
    [
      texture !== undefined && textureSize !== 1024,
      '--texture-size needs a --swap; the picture of --texture has a size of its own.',
    ],
    [isExpression && blend !== 'gradient', '--blend needs a --swap or --texture; an expression blends nothing.'],
    [
      amount !== 1 && expressionFrom === undefined,
      '--amount needs an --expression-from; give --expression the values.',
    ],
    [
      referenceFace !== 1 && (swap ?? expressionFrom) === undefined,
      '--reference-face needs a --swap or --expression-from, whose face it is.',
    ],
  ]
  for (const [isUseless, sentence] of useless) if (isUseless) throw new CliError(sentence, EXIT.usage)
  if (!(isExpression ? /\.(png|glb)$/i : /\.png$/i).test(out))
    throw new CliError(
      `Expected a name that ends in .png${isExpression ? ' or .glb' : ''} for --out but received ${out}.`,
      EXIT.usage,
    )
  const inputs = [input, swap, texture, expressionFrom, mask, maskBase].filter((file) => file !== undefined)
  for (const file of inputs) checkReadable(file)
  prepareOutput(out, inputs)
}

/** @throws {CliError} when nothing is there: before a folder is made for what will not come. */
function checkReadable(path: string): void {
  try {
    statSync(path)
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${systemReason(error)}.`)
  }
}

async function paint(subject: Subject, engine: Engine, flags: EditFlags): Promise<Uint8Array> {
  const { mesh } = engine.surface
  const { backend } = engine.aligner
  const reference =
    flags.swap === undefined ? undefined : await openSubject(flags.swap, flags.referenceFace, engine, flags)
  const skins = (reference ? [subject, reference] : [subject]).map((one) => skinOf(one, engine))
  const mask = await openMask(
    mesh,
    skins.map(({ skin }) => skin),
    flags,
  )
  const texture = await openTexture(subject, reference, mask, engine, flags)
  const edited = paintTexture(subject.image, subject.vertices, mesh, texture, backend, {
    ...{ mask, sure: skins[0]!.sure, blend: flags.blend, target: subject.target, firstId: subject.firstId },
    ...(flags.feather !== undefined && { feather: flags.feather }),
    photograph: reference,
  })
  return encodePng(edited)
}

/** Where a photograph shows skin, and where surely. */
function skinOf(
  { image, vertices, target }: Subject,
  { surface, aligner: { backend } }: Engine,
): { skin: UvMask; sure: UvMask } {
  const { mesh } = surface
  const chart = createUvChart(mesh, REGION_DEFAULTS.size, backend)
  const texture = uvTexture(image, vertices, mesh, backend, { chart, hidden: 'mirror', target })
  const seen = seenTexels(image, vertices, mesh, backend, { chart, target })
  const skin = skinMask(texture, mesh, seen)
  return { skin, sure: { ...skin, data: skin.data.map((share, t) => share * seen[t]!) } }
}

/** The skin to paint on: a texture picture, or that of a reference. */
async function openTexture(
  subject: Subject,
  reference: Subject | undefined,
  mask: UvMask,
  engine: Engine,
  flags: EditFlags,
): Promise<ImageView> {
  const { mesh } = engine.surface
  const { backend } = engine.aligner
  const given = reference ? undefined : await readTile(flags.texture!, 'texture', flags.face, flags)
  if (given && !flags.matchColors) return given
  const chart = createUvChart(mesh, given ? chartSize(given, flags.texture!) : flags.textureSize, backend)
  const unwrap = ({ image, vertices, target }: Subject, hidden: 'mirror' | 'keep'): ImageView =>
    uvTexture(image, vertices, mesh, backend, { chart, hidden, target })
  const texture = given ?? unwrap(reference!, 'mirror')
  if (!flags.matchColors) return texture
  // Of a texture picture all texels count: nobody knows which of them a photograph showed.
  const seen = [subject, ...(reference ? [reference] : [])].map(({ image, vertices, target }) =>
    seenTexels(image, vertices, mesh, backend, { chart, target }),
  )
  const weights = seen[0]!.map((_, t) => seen.reduce((all, one) => all * one[t]!, maskAt(mask, t, chart.size)))
  return matchColors(texture, unwrap(subject, 'keep'), weights)
}

/** Colours are compared texel by texel. @throws {CliError} where the texture is no size for that. */
function chartSize({ width }: ImageView, path: string): number {
  if (width < 16 || width > 4096)
    throw new CliError(`${path} has ${width} pixels a side; for --match-colors a texture must have 16 to 4096.`)
  return width
}

/** The mask's value at a texel of a chart of another size. */
function maskAt({ size, data }: UvMask, t: number, chartSize: number): number {
  const at = (texel: number): number => Math.floor(((texel + 0.5) * size) / chartSize)
  return data[at(Math.floor(t / chartSize)) * size + at(t % chartSize)]!
}
