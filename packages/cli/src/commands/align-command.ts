import {
  HIDDEN_TEXELS,
  type HiddenTexels,
  PLY_FORMATS,
  type PlyFormat,
  type PoseConvention,
  type PoseDrawing,
  type StyleName,
} from '@3ddfa/core'
import { Command, Option } from 'commander'
import { EXIT } from '../errors.ts'
import { MAX_PIXELS_DEFAULT } from '../limits.ts'
import { TOPOLOGIES, type TopologyName } from '../open-surface.ts'
import { OUTPUT_NAMES, type OutputName } from '../outputs/names.ts'
import { choice, collect, folderPath, integerIn, numberIn, outputList } from '../parse-options.ts'
import { type AlignerFlags, addAlignerOptions, anyRollOption } from './aligner-options.ts'
import { conventionOption, numbersOption, poseOption, styleOption } from './drawing-options.ts'
import { addSourceOptions, type SourceFlags } from './source-options.ts'

export interface AlignFlags extends AlignerFlags, SourceFlags {
  readonly file?: readonly string[]
  readonly outputs?: readonly OutputName[]
  readonly out: string
  readonly recursive?: boolean
  readonly style: StyleName
  readonly poseAs: PoseDrawing
  readonly numbers?: boolean
  readonly opacity?: number
  readonly background: 'photo' | 'black'
  readonly textureSize?: number | undefined
  readonly hidden?: HiddenTexels
  readonly topology: TopologyName
  readonly posmapSize: number
  readonly ply: PlyFormat
  readonly obj: 'colors' | 'plain' | 'textured'
  readonly morphTargets?: boolean
  readonly poseConvention: PoseConvention
  readonly refine: boolean
  readonly flip?: boolean
  readonly anyRoll?: boolean
  readonly maxPixels: number
  readonly json?: boolean
  readonly jsonl?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

export function alignCommand(): Command {
  const command = new Command('align')
    .description('Align every face in photographs and write what you ask for.')
    .argument('[inputs...]', 'pictures, folders of pictures, or globs')
    .option('-f, --file <path>', 'one more input, as in 3DDFA_V2; may be given again', collect)
    .option(
      '-o, --outputs <list>',
      `what to write, from ${OUTPUT_NAMES.join(',')}, or all (default: 2d_sparse)`,
      outputList,
    )
    .option('--out <dir>', 'folder for the outputs, created if missing', folderPath, 'out')
    .option('-r, --recursive', 'look into the folders of a folder too')
  addEngineOptions(command)
  addPictureOptions(command)
  addSourceOptions(command)
  return command
    .addOption(
      new Option('--json', 'print one JSON document on stdout; without -o nothing is written').conflicts('jsonl'),
    )
    .option('--jsonl', 'print the JSON of each picture on a line of its own, as soon as it is done')
    .option('-q, --quiet', 'print errors only')
    .option('-v, --verbose', 'print timings and which backend runs')
    .addHelpText('after', HELP)
    .action(async (inputs: string[], flags: AlignFlags) => {
      const { align } = await import('./align.ts')
      process.exitCode = await align([...inputs, ...(flags.file ?? [])], flags)
    })
}

function addEngineOptions(command: Command): void {
  addAlignerOptions(command)
    .option('--no-refine', 'look once only, where the detector says, as 3DDFA_V2 does')
    .option('--flip', 'look at the mirror image too and take the mean: slower, more exact')
    .addOption(anyRollOption())
    .option('--max-pixels <n>', 'refuse larger pictures, width times height', integerIn(1, 2 ** 31), MAX_PIXELS_DEFAULT)
}

function addPictureOptions(command: Command): void {
  command
    .addOption(styleOption())
    .addOption(poseOption())
    .addOption(numbersOption('its number, as --face of edit takes it,'))
    .option(
      '--opacity <a>',
      "how strongly the mesh covers the photo in 3d, 0 to 1 (default: 1 on black, else the style's, 0.6 or 1)",
      numberIn(0, 1),
    )
    .addOption(choice('--background <what>', 'below 3d, depth and pncc', ['photo', 'black']))
    .option(
      '--texture-size <n>',
      'side of uv_tex and of textures in meshes, pixels (default: 256 in uv_tex, as 3DDFA_V2; on meshes as sharp as the face in the photo, 256 to 1024)',
      integerIn(16, 4096),
    )
    .addOption(
      new Option(
        '--hidden <how>',
        'texels that the camera does not see (default: keep in uv_tex, as 3DDFA_V2; mirror on meshes)',
      ).choices(HIDDEN_TEXELS),
    )
    .addOption(choice('--topology <name>', 'mesh of the outputs: of the face model, or of PRNet', TOPOLOGIES))
    .option('--posmap-size <n>', 'side of position maps, cells', integerIn(16, 1024), 256)
    .addOption(choice('--ply <kind>', 'kind of .ply', PLY_FORMATS))
    .addOption(choice('--obj <kind>', 'what an .obj carries', ['colors', 'plain', 'textured']))
    .option('--morph-targets', 'expressions as morph targets in .glb: larger, 3.7 MB a face with the open model')
    .addOption(conventionOption())
}

/** Gives another command some of the options of `align`, which then mean the same. */
export function addOptionsOfAlign(command: Command, names: readonly (keyof AlignFlags)[]): void {
  const wanted = new Set<string>(names)
  for (const option of alignCommand().options) if (wanted.has(option.attributeName())) command.addOption(option)
}

const HELP = `
Outputs are named <picture>_<output>.<ending>, for example photo_3d.png. Of several inputs with the same name the later ones
are called photo-2, photo-3, ... Faces come in the detector's order, best first, and count from 1. A picture without a face
is no failure: it is said, and only json is written for it.

Examples:
  $ 3ddfa align photo.jpg -o 3d,pose
  $ 3ddfa align holiday/ -r -o json --out faces
  $ 3ddfa align 'album/*.jpg' -o obj --obj textured --texture-size 2048
  $ 3ddfa align photo.jpg --json | jq '.images[0].faces[0].pose'
  $ 3ddfa align -f photo.jpg -o ply          as 3DDFA_V2's demo.py takes it

Exit codes:
  ${EXIT.ok}    every picture was done
  ${EXIT.someFailed}    some pictures could not be read, aligned or written; the others were
  ${EXIT.usage}    nothing was done: wrong usage, or a model or backend is missing
  130  interrupted; what was written until then is whole`
