import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { OF_ALIGN } from '../batch/align-options.ts'
import type { Shard } from '../batch/keys.ts'
import { EXIT } from '../errors.ts'
import { OUTPUT_NAMES } from '../outputs/names.ts'
import { folderPath, integerIn, outputList } from '../parse-options.ts'
import { type AlignFlags, addOptionsOfAlign } from './align-command.ts'
import { addSourceOptions } from './source-options.ts'

export interface BatchFlags extends Omit<AlignFlags, 'file' | 'recursive' | 'threads' | 'json' | 'jsonl'> {
  readonly workers: number
  readonly ordered?: boolean
  readonly shard?: Shard
  readonly root?: string
}

const MAX_WORKERS = 64

export function batchCommand(): Command {
  const workers = Math.min(MAX_WORKERS, availableParallelism())
  const command = new Command('batch')
    .description('Align very many pictures on several threads; can be stopped at any time and goes on where it was.')
    .argument('<input>', 'a folder (at any depth), a list of paths (a file of one a line, or - for stdin), or a glob')
    .requiredOption('--out <dir>', 'folder for results.jsonl and the outputs, created if missing', folderPath)
    .option(
      '-o, --outputs <list>',
      `what to write for each picture, from ${OUTPUT_NAMES.join(',')}, or all`,
      outputList,
    )
    .option(
      '--workers <n>',
      'threads, each with networks of its own (one a core unless given)',
      integerIn(1, MAX_WORKERS),
      workers,
    )
    .option('--ordered', 'results in the order of the input: folders sorted, lists as they are')
    .option('--shard <i/n>', 'only the i-th of n parts, for as many machines; no picture is in two', parseShard)
    .option('--root <dir>', "what paths in --out are relative to (default: the folder, a glob's fixed part, else here)")
  addOptionsOfAlign(command, OF_ALIGN)
  return addSourceOptions(command)
    .option('-q, --quiet', 'print errors only')
    .option('-v, --verbose', 'print a line a picture, and which backend runs')
    .addHelpText('after', HELP)
    .action(async (input: string, flags: BatchFlags) => {
      const { batch } = await import('./batch.ts')
      process.exitCode = await batch(input, flags)
    })
}

/** Parses `2/5`. */
function parseShard(text: string): Shard {
  const [index = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).slice(1).map(Number)
  if (index < 1 || index > count) throw new InvalidArgumentError('Expected i/n with i from 1 to n, for example 1/4.')
  return { index, count }
}

const HELP = `
DIR/results.jsonl gets a line a picture: its entry as in the JSON of align, with paths relative to the root and to DIR;
DIR/batch.json says what all lines have in common. Outputs are called <path>_<output>.<ending>, for example
DIR/2024/photo.jpg_3d.png. Run again, the same command does what is missing: after Ctrl-C, after a crash, or with new
pictures. A picture that failed has a line that says why, and is not tried again.

Examples:
  $ 3ddfa batch photos --out faces
  $ 3ddfa batch 'photos/**/*.jpg' --out meshes -o glb --workers 4
  $ find photos -newer last -name '*.jpg' | 3ddfa batch - --root photos --out faces
  $ 3ddfa batch photos --out part-1 --shard 1/3      the others on other machines; then: cat part-*/results.jsonl

Exit codes:
  ${EXIT.ok}    every picture is done
  ${EXIT.someFailed}    some pictures failed, in this run or before; the others are done
  ${EXIT.usage}    nothing was done: wrong usage, a model or backend is missing, or another run is at work in DIR
  130  interrupted; the same command goes on where this one was`
