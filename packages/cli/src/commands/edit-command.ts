import { BLENDS, type Blend, REGIONS } from '@3ddfa/core'
import { Command, InvalidArgumentError, Option } from 'commander'
import { EXIT } from '../errors.ts'
import { choice, integerIn, numberIn } from '../parse-options.ts'
import { addPictureEngineOptions, type PictureEngineFlags } from './engine-options.ts'

/** `skin` is the face as far as it is skin, with its features. */
export const EDIT_REGIONS = ['skin', ...REGIONS] as const

export type EditRegion = (typeof EDIT_REGIONS)[number]

export interface EditFlags extends PictureEngineFlags {
  readonly swap?: string
  readonly texture?: string
  readonly expressionFrom?: string
  readonly expression?: Readonly<Record<string, number>>
  readonly amount: number
  readonly face: number
  readonly referenceFace: number
  readonly region?: readonly EditRegion[]
  readonly mask?: string
  readonly maskBase?: string
  readonly blend: Blend
  readonly feather?: number
  readonly matchColors?: boolean
  readonly textureSize: number
  readonly out?: string
}

const MAX_FACE = 10_000

/** What has to do with skin only. */
const SKIN = ['swap', 'texture', 'region', 'mask', 'matchColors', 'feather']

export function editCommand(): Command {
  const command = new Command('edit')
    .description(
      'Give a face in a photograph another skin (of another face, or of a texture picture) or another expression.',
    )
    .argument('<picture>', 'the photograph')
    .addOption(new Option('--swap <picture>', 'take the skin of a face in this picture').conflicts('texture'))
    .option(
      '--texture <picture>',
      'take this texture, laid out as uv_tex of the same --topology (of several side by side, that of --face)',
    )
    .addOption(
      new Option('--expression-from <picture>', 'take the expression of a face in this picture').conflicts(SKIN),
    )
    .addOption(
      new Option('--expression <list>', 'set these, as jawOpen=0.7,eyeBlinkLeft=1 (basel model: expression_1=-2)')
        .argParser(expressionList)
        .conflicts(SKIN),
    )
    .option(
      '--amount <a>',
      'how far to go with --expression-from: 0 not at all, 1 all the way, 2 twice',
      numberIn(-3, 3),
      1,
    )
    .option('--face <n>', 'which face of the photograph, in the order of align', integerIn(1, MAX_FACE), 1)
    .option(
      '--reference-face <n>',
      'which face of the picture of --swap or --expression-from',
      integerIn(1, MAX_FACE),
      1,
    )
    .option(
      '--region <list>',
      `what to change, from ${EDIT_REGIONS.join(',')}; skin is the face without hair, glasses and what else is in front (default: skin)`,
      regionList,
    )
    .addOption(
      new Option('--mask <picture>', 'change what is white in this one, laid out as uv_tex').conflicts('region'),
    )
    .option('--mask-base <picture>', 'change where --mask differs from this one (as uv_face_eyes.png from uv_face.png)')
    .addOption(choice('--blend <how>', 'how the new skin joins on', BLENDS))
    .option('--feather <pixels>', 'width of the soft outline (default: a fiftieth of the face)', numberIn(0, 1000))
    .option('--match-colors', "bring the new skin's mean colour and contrast in line with the old one's")
    .option('--texture-size <n>', 'side of the texture in between, pixels', integerIn(16, 4096), 1024)
    .option(
      '--out <file>',
      'the picture to write, a .png; with an expression also .glb, the mesh (default: out/<picture>_edited.png)',
    )
  return addPictureEngineOptions(command)
    .addHelpText('after', HELP)
    .action(async (input: string, flags: EditFlags) => {
      const { edit } = await import('./edit.ts')
      await edit(input, flags)
    })
}

/** Parses `eyes,mouth`; the option may be given again. */
function regionList(text: string, before: readonly EditRegion[] = []): EditRegion[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !EDIT_REGIONS.includes(name as EditRegion))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no region "${unknown}"; there are ${EDIT_REGIONS.join(', ')}.`)
  return [...new Set([...before, ...(names as EditRegion[])])]
}

/** Parses `jawOpen=0.7,eyeBlinkLeft=1`; the option may be given again. Whether there are such names only the model knows. */
export function expressionList(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const pairs = text.split(',').map((part) => {
    const [, name, value] = /^\s*(\w{1,60})=(-?(?:\d{1,3}(?:\.\d{0,9})?|\.\d{1,9}))\s*$/.exec(part) ?? []
    if (name === undefined)
      throw new InvalidArgumentError(
        `Expected names with values, for example jawOpen=0.7,eyeBlinkLeft=1, but received "${part}".`,
      )
    return [name, Number(value)] as const
  })
  return { ...before, ...Object.fromEntries(pairs) }
}

const HELP = `
Examples:
  $ 3ddfa edit photo.jpg --swap other.jpg --match-colors
  $ 3ddfa edit pair.jpg --swap pair.jpg --reference-face 2          the second face's skin on the first
  $ 3ddfa edit photo.jpg --swap other.jpg --region eyes,mouth
  $ 3ddfa edit photo.jpg --texture painted.png --blend feather      painted.png: uv_tex of align, painted over
  $ 3ddfa edit photo.jpg --swap other.jpg --topology prnet --mask uv_face_eyes.png --mask-base uv_face.png
  $ 3ddfa edit photo.jpg --expression-from laughing.jpg --amount 1.2
  $ 3ddfa edit photo.jpg --expression mouthSmileLeft=0.8,mouthSmileRight=0.8 --out smile.glb --model open

An expression moves the photograph's own pixels and the surroundings with them; teeth and eyes that are not there it cannot show.

Exit codes:
  ${EXIT.ok}  the picture was written
  ${EXIT.someFailed}  a picture could not be read or written, or has no such face
  ${EXIT.usage}  wrong usage, or a model or backend is missing`
