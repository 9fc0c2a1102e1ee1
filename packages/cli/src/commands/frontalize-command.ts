import { HIDDEN_TEXELS, type HiddenTexels } from '@3ddfa/core'
import { Command } from 'commander'
import { EXIT } from '../errors.ts'
import { choice, folderPath, integerIn } from '../parse-options.ts'
import { addPictureEngineOptions, type PictureEngineFlags } from './engine-options.ts'

export interface FrontalizeFlags extends PictureEngineFlags {
  readonly out: string
  readonly recursive?: boolean
  readonly size: number
  readonly textureSize: number
  readonly hidden: HiddenTexels
  readonly proportions: 'own' | 'mean'
}

export function frontalizeCommand(): Command {
  const command = new Command('frontalize')
    .description('Show every face front-on, with the skin of the photograph.')
    .argument('<inputs...>', 'pictures, folders of pictures, or globs')
    .option('--out <dir>', 'folder for the pictures, created if missing', folderPath, 'out')
    .option('-r, --recursive', 'look into the folders of a folder too')
    .option('--size <n>', 'side of the pictures, pixels', integerIn(16, 4096), 512)
    .option('--texture-size <n>', 'side of the texture in between, pixels', integerIn(16, 4096), 1024)
    .addOption(choice('--hidden <how>', 'skin that the camera does not see', HIDDEN_TEXELS).default('mirror'))
    .addOption(
      choice('--proportions <whose>', "the face's own, or those of the mean face as PRNet does", ['own', 'mean']),
    )
  return addPictureEngineOptions(command)
    .addHelpText('after', HELP)
    .action(async (inputs: string[], flags: FrontalizeFlags) => {
      const { frontalize } = await import('./frontalize.ts')
      process.exitCode = await frontalize(inputs, flags)
    })
}

const HELP = `
Writes <picture>_frontalized_1.png, _2.png, ... a face, transparent around it.

Examples:
  $ 3ddfa frontalize photo.jpg
  $ 3ddfa frontalize faces/ --size 256 --hidden fill --out front

Exit codes:
  ${EXIT.ok}    every picture was done
  ${EXIT.someFailed}    some pictures could not be read, aligned or written; the others were
  ${EXIT.usage}    nothing was done: wrong usage, or a model or backend is missing
  130  interrupted; what was written until then is whole`
