import { REGIONS, type Region } from '@3ddfa/core'
import { Command, InvalidArgumentError, Option } from 'commander'
import { EXIT } from '../errors.ts'
import { integerIn, numberIn } from '../parse-options.ts'
import { addPictureEngineOptions, type PictureEngineFlags } from './engine-options.ts'

export interface EditFlags extends PictureEngineFlags {
  readonly swap?: string
  readonly texture?: string
  readonly face: number
  readonly referenceFace: number
  readonly region?: readonly Region[]
  readonly mask?: string
  readonly maskBase?: string
  readonly blend: 'gradient' | 'feather' | 'none'
  readonly feather?: number
  readonly matchColors?: boolean
  readonly textureSize: number
  readonly out?: string
}

const MAX_FACE = 10_000

export function editCommand(): Command {
  const command = new Command('edit')
    .description('Give a face in a photograph another skin: of another face, or of a texture picture.')
    .argument('<picture>', 'the photograph')
    .addOption(new Option('--swap <picture>', 'take the skin of a face in this picture').conflicts('texture'))
    .option('--texture <picture>', 'take this texture, laid out as uv_tex of the same --topology')
    .option('--face <n>', 'which face of the photograph, in the order of align', integerIn(1, MAX_FACE), 1)
    .option('--reference-face <n>', 'which face of the picture of --swap', integerIn(1, MAX_FACE), 1)
    .option('--region <list>', `what to change, from ${REGIONS.join(',')} (default: face)`, regionList)
    .addOption(
      new Option('--mask <picture>', 'change what is white in this one, laid out as uv_tex').conflicts('region'),
    )
    .option('--mask-base <picture>', 'change where --mask differs from this one (as uv_face_eyes.png from uv_face.png)')
    .addOption(
      new Option('--blend <how>', 'how the new skin joins on')
        .choices(['gradient', 'feather', 'none'])
        .default('gradient'),
    )
    .option('--feather <pixels>', 'width of the soft outline (default: a fiftieth of the face)', numberIn(0, 1000))
    .option('--match-colors', "bring the new skin's mean colour and contrast in line with the old one's")
    .option('--texture-size <n>', 'side of the texture in between, pixels', integerIn(16, 4096), 1024)
    .option('--out <file>', 'the picture to write, a .png (default: out/<picture>_edited.png)')
  return addPictureEngineOptions(command)
    .addHelpText('after', HELP)
    .action(async (input: string, flags: EditFlags) => {
      const { edit } = await import('./edit.ts')
      await edit(input, flags)
    })
}

/** Parses `eyes,mouth`; the option may be given again. */
function regionList(text: string, before: readonly Region[] = []): Region[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !REGIONS.includes(name as Region))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no region "${unknown}"; there are ${REGIONS.join(', ')}.`)
  return [...new Set([...before, ...(names as Region[])])]
}

const HELP = `
Examples:
  $ 3ddfa edit photo.jpg --swap other.jpg --match-colors
  $ 3ddfa edit pair.jpg --swap pair.jpg --reference-face 2          the second face's skin on the first
  $ 3ddfa edit photo.jpg --swap other.jpg --region eyes,mouth
  $ 3ddfa edit photo.jpg --texture painted.png --blend feather      painted.png: uv_tex of align, painted over
  $ 3ddfa edit photo.jpg --swap other.jpg --topology prnet --mask uv_face_eyes.png --mask-base uv_face.png

Exit codes:
  ${EXIT.ok}  the picture was written
  ${EXIT.someFailed}  a picture could not be read or written, or has no such face
  ${EXIT.usage}  wrong usage, or a model or backend is missing`
