import { Command, InvalidArgumentError, type Option } from 'commander'
import { EXIT } from '../errors.ts'
import { choice, collect, integerIn, numberIn } from '../parse-options.ts'
import { type AlignFlags, addOptionsOfAlign } from './align-command.ts'
import { addSourceOptions, type SourceFlags } from './source-options.ts'

export type BenchFormat = 'table' | 'json' | 'md' | 'svg'

const OF_ALIGN = ['model', 'detectSize', 'maxPixels'] as const

export interface BenchFlags extends Pick<AlignFlags, (typeof OF_ALIGN)[number] | keyof SourceFlags> {
  readonly backend: string
  readonly detector?: string
  readonly runtime: string
  readonly threads: readonly number[]
  readonly batch: readonly number[]
  readonly stage?: readonly string[]
  readonly view: 'stages' | 'dense-head'
  readonly seconds: number
  readonly rounds: number
  readonly processes: number
  readonly frames: number
  readonly format: BenchFormat
  readonly save?: string
  readonly quiet?: boolean
  readonly verbose?: boolean
}

export function benchCommand(): Command {
  const images = withOptions(
    new Command('images')
      .description('every stage of photographs, from the file to the mesh and back')
      .argument('<pictures...>', 'pictures with a face each; times are means over them'),
  )
    .option('--batch <list>', 'faces in one run of the network, for example 1,4,16', integers(1, 256), [1])
    .addOption(
      choice('--view <which>', 'all stages, or the four of Dense-Head-Pose-Estimation', ['stages', 'dense-head']),
    )
    .option(
      '--processes <n>',
      'new processes for cold start and memory, each setting; 0 leaves them out',
      integerIn(0, 100),
      5,
    )
    .action(async (pictures: string[], flags: BenchFlags) => {
      const { benchImages } = await import('./bench.ts')
      process.exitCode = await benchImages(pictures, flags)
    })
  const video = withOptions(
    new Command('video').description('reading and tracking, a frame').argument('<video>', 'a file that ffmpeg reads'),
  )
    .option('--frames <n>', 'frames from the start that a pass takes', integerIn(2, 10_000), 60)
    .action(async (path: string, flags: BenchFlags) => {
      const { benchVideo } = await import('./bench.ts')
      process.exitCode = await benchVideo(path, { ...flags, batch: [1], processes: 0 })
    })
  const history = new Command('history')
    .description('what --save has gathered, run by run')
    .argument('<file>', 'the .jsonl')
    .addOption(formatOption())
    .action(async (path: string, { format }: BenchFlags) => {
      const { benchHistory } = await import('./bench.ts')
      process.exitCode = await benchHistory(path, format)
    })
  const command = new Command('bench')
    .description('Measure speed: every stage, cold start, memory; backends, detectors and runtimes against each other.')
    .addHelpText('after', HELP)
  for (const each of [images, video, history]) command.addCommand(each)
  return command
}

function withOptions(command: Command): Command {
  command
    .option('--backend <list>', 'mesh backends to compare, or all that work here (default: the fastest)', 'auto')
    .option('--detector <list>', 'detectors to compare, or all whose models are here (default: that of the model)')
    .option('--runtime <list>', 'what runs the networks, to compare, or all that work here', 'auto')
    .option('--threads <list>', 'threads of the networks to compare, for example 1,2', integers(1, 256), [1])
    .option(
      '--stage <name>',
      'measure only stages whose name begins so (of processes: their start and memory); may be given again',
      collect,
    )
    .option('--seconds <s>', 'time for each stage and setting', numberIn(0.01, 600), 1)
    .option('--rounds <n>', 'least number of rounds', integerIn(2, 5000), 7)
    .addOption(formatOption())
    .option('--save <file>', 'also add the run to this .jsonl, for 3ddfa bench history')
  addOptionsOfAlign(command, OF_ALIGN)
  return addSourceOptions(command)
    .option('-q, --quiet', 'print results and errors only')
    .option('-v, --verbose', 'print more')
}

function formatOption(): Option {
  return choice('--format <kind>', 'what is printed on stdout', ['table', 'json', 'md', 'svg'])
}

/** Parses `1,2,4`. */
function integers(min: number, max: number): (text: string) => number[] {
  const parse = integerIn(min, max)
  return (text) => {
    const values = text.split(',').map((part) => parse(part.trim()))
    if (new Set(values).size < values.length) throw new InvalidArgumentError('Expected each number once.')
    return values
  }
}

const HELP = `
What is compared is measured in turns, in one process: every round runs each setting once, in another order each time, and
ratios are taken round by round. So a slow spell of the machine meets all alike: where others are at work too, ratios can be
trusted and times cannot. Stages of a face are those of the first face.

Examples:
  $ 3ddfa bench images photo.jpg
  $ 3ddfa bench images photo.jpg --backend all --detector all --threads 1,2 --batch 1,4,16 --format md
  $ 3ddfa bench images photo.jpg --backend native,wasm --stage render --stage dense --processes 0
  $ 3ddfa bench images photo.jpg --runtime all --stage detect --stage regress --processes 0
  $ 3ddfa bench images photo.jpg --view dense-head
  $ 3ddfa bench video talk.mp4 --format svg > talk.svg
  $ 3ddfa bench images photo.jpg --save speed.jsonl && 3ddfa bench history speed.jsonl

Exit codes: ${EXIT.ok} done, ${EXIT.someFailed} something could not be read, ${EXIT.usage} wrong usage or something is missing.`
