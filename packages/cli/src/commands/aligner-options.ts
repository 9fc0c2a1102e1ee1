import type { NodeRuntime } from '@3ddfa/inference/node'
import { type Command, Option } from 'commander'
import type { BackendId } from '../backends.ts'
import { DETECTOR_CHOICES, type DetectorChoice } from '../detector-names.ts'
import { MAX_DETECT_SIZE } from '../limits.ts'
import { choice, integerIn } from '../parse-options.ts'
import { RUNTIMES } from '../runtimes.ts'

/** What an aligner is put together of. */
export interface AlignerFlags {
  readonly backend: 'auto' | BackendId
  readonly detector?: DetectorChoice
  readonly detectSize?: number
  readonly model: string
  readonly runtime: 'auto' | NodeRuntime
  readonly threads?: number
}

/** Adds the options of {@link AlignerFlags}, as every command has them. */
export function addAlignerOptions(command: Command): Command {
  return command
    .addOption(choice('--backend <id>', 'mesh backend', ['auto', 'native', 'wasm', 'reference']))
    .addOption(
      new Option('--detector <name>', 'face detector (default: open with the open model, else faceboxes)').choices(
        DETECTOR_CHOICES,
      ),
    )
    .option(
      '--detect-size <n>',
      "larger pictures are scaled down to this side for the detector, pixels: smaller is faster and misses smaller faces (default: the detector's)",
      integerIn(32, MAX_DETECT_SIZE),
    )
    .option(
      '--model <name>',
      'open, mb05, mb05-int8, mb1, the path of a published .pth or of an .onnx made from one, open:PATH with a network of your own for the open face model, or prnet:PATH with a checkpoint of PRNet; auto: mb05 where it is here, else open',
      'auto',
    )
    .addOption(choice('--runtime <name>', 'what runs the networks', ['auto', ...RUNTIMES]))
    .option('--threads <n>', 'threads of the networks (default: one a core, at most 4)', integerIn(1, 256))
}

/** `--any-roll` as every command that looks for faces has it. */
export function anyRollOption(): Option {
  return new Option(
    '--any-roll',
    'also find faces that lie on their side or upside down: the detector looks eight times',
  )
}
