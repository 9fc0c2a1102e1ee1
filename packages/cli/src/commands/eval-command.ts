import { Command, Option } from 'commander'
import { EXIT } from '../errors.ts'
import { folderPath, integerIn, numberIn } from '../parse-options.ts'
import { type AlignFlags, addOptionsOfAlign } from './align-command.ts'
import { addSourceOptions, type SourceFlags } from './source-options.ts'

const OF_ALIGN = ['backend', 'detector', 'detectSize', 'model', 'runtime', 'threads', 'maxPixels'] as const

export interface EngineFlags extends Pick<AlignFlags, (typeof OF_ALIGN)[number] | keyof SourceFlags> {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

export interface EvalFlags extends EngineFlags {
  readonly roi?: 'truth' | 'detector'
  readonly minIou?: number
  readonly refine?: boolean
  readonly flip?: boolean
  readonly threshold: number
  readonly worst?: number
  readonly out?: string
  readonly reannotated?: string
  readonly yaws?: string
}

const DATASETS = {
  aflw2000: 'AFLW2000-3D: NME by yaw and pose error; .jpg beside .mat, or the crops of 3DDFA',
  aflw: "AFLW, the 21-point protocol, on the crops and lists of 3DDFA's benchmark (test.data, test.configs)",
  landmarks: 'pictures with 68 true points each: landmarks68.json, or a .pts beside each picture',
  pose: 'head pose: AFLW2000-3D (.mat beside each picture) or BIWI (01/frame_00003_pose.txt ...)',
} as const

export type DatasetName = keyof typeof DATASETS

export function evalCommand(): Command {
  const command = new Command('eval')
    .description('Measure accuracy on pictures with known points or pose, and steadiness in videos.')
    .addHelpText('after', HELP)
  for (const [name, description] of Object.entries(DATASETS)) command.addCommand(datasetCommand(name, description))
  return command.addCommand(stabilityCommand())
}

function datasetCommand(name: string, description: string): Command {
  const command = new Command(name)
    .description(description)
    .argument('<dir>', 'the data set')
    .option(
      '--out <dir>',
      'folder for result.json, images.csv, curve.svg and worst.png, created if missing',
      folderPath,
    )
    .addOption(
      new Option('--roi <source>', 'where regions come from (default: truth where points are known)').choices([
        'truth',
        'detector',
      ]),
    )
    .option(
      '--min-iou <x>',
      "least overlap of a detector's box with the true points' box, 0 to 1 (default: 0.5)",
      numberIn(0, 1),
    )
    .option('--refine', 'look again where the first landmarks are (default: with a detector)')
    .option('--no-refine', 'look once only')
    .option('--flip', 'look at the mirror image too')
    .option('--threshold <x>', 'NME in percent up to which the area under the curve goes', numberIn(0.1, 100), 10)
    .option('--worst <n>', 'faces on the contact sheet of --out (default: 16)', integerIn(0, 200))
  if (name === 'aflw2000')
    command
      .option('--reannotated <npy>', 'the points annotated anew, .npy [n][2 or 3][68]')
      .option('--yaws <npy>', "yaws by which 3DDFA's benchmark bins, .npy [n]")
  return withEngine(command).action(async (folder: string, flags: EvalFlags) => {
    const { evalDataset } = await import('./eval.ts')
    process.exitCode = await evalDataset(name as DatasetName, folder, flags)
  })
}

function stabilityCommand(): Command {
  const command = new Command('stability')
    .description('jitter, lag and ids of the faces in a video, for each way of smoothing')
    .argument('<video>', 'a file that ffmpeg reads')
  return withEngine(
    command,
    OF_ALIGN.filter((name) => name !== 'maxPixels'),
  ).action(async (video: string, flags: EngineFlags) => {
    const { evalStability } = await import('./eval.ts')
    process.exitCode = await evalStability(video, flags)
  })
}

function withEngine(command: Command, options: readonly (typeof OF_ALIGN)[number][] = OF_ALIGN): Command {
  addOptionsOfAlign(command, options)
  return addSourceOptions(command)
    .option('--json', 'print the result as JSON')
    .option('-q, --quiet', 'print errors only')
    .option('-v, --verbose', 'print more, such as which backend runs')
}

const HELP = `
NME is the mean distance of the points over the root of the area of the true points' bounding box, in percent, as the
protocol of AFLW2000-3D has it; the mean of the yaw bins weighs them alike. Faces that a detector misses count in the curve's
area and in the failures, and not in the means.

Examples:
  $ 3ddfa eval aflw2000 AFLW2000-3D --out results
  $ 3ddfa eval aflw2000 AFLW2000-3D --roi detector --detector ultraface
  $ 3ddfa eval landmarks 300W/indoor --flip --json
  $ 3ddfa eval pose BIWI
  $ 3ddfa eval stability talk.mp4

Exit codes: ${EXIT.ok} done, ${EXIT.someFailed} some pictures could not be read, ${EXIT.usage} wrong usage or something is missing.`
