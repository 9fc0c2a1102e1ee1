import { basename, dirname, join } from 'node:path'
import { CliError, EXIT } from './errors.ts'
import { createFolder, identityOf, realPath } from './files.ts'
import { expandInputs, type Problem } from './inputs.ts'
import { outputNames } from './names.ts'
import { type OutputName, suffixesOf } from './outputs/names.ts'
import type { OutputSettings } from './outputs/scene.ts'

/** One picture and where its outputs go. */
export interface Task {
  readonly input: string
  /** Outputs are named `<base>_<output>.<ending>`; a path without that. */
  readonly base: string
}

export interface PicturesPlan {
  readonly tasks: readonly Task[]
  /** Inputs that stand for nothing. */
  readonly problems: readonly Problem[]
}

export interface Plan extends PicturesPlan {
  readonly outputs: readonly OutputName[]
}

interface Place {
  readonly out: string
  readonly recursive?: boolean | undefined
}

export interface PicturesOptions extends Place {
  /** What follows the base in the names of all files that may be written; # is any number from 1. */
  readonly suffixes: readonly string[]
}

export interface PlanOptions extends Place, Partial<Pick<OutputSettings, 'obj'>> {
  readonly outputs: readonly OutputName[]
}

/**
 * Says what `align` will read and write, and creates the folder for it.
 * @throws {CliError} when there is nothing to do, or the outputs cannot go where they should.
 */
export async function planRun(args: readonly string[], { outputs, ...options }: PlanOptions): Promise<Plan> {
  if (args.length === 0)
    throw new CliError('Expected a picture, folder or glob, for example: 3ddfa align photo.jpg', EXIT.usage)
  const suffixes = outputs.flatMap((output) => suffixesOf(output, options))
  return { ...(await planPictures(args, { ...options, suffixes })), outputs }
}

/**
 * Says which pictures will be read and where their outputs go, and creates the folder where anything is to be written.
 * @throws {CliError} when the outputs cannot go where they should.
 */
export async function planPictures(
  args: readonly string[],
  { out, recursive, suffixes }: PicturesOptions,
): Promise<PicturesPlan> {
  const { files, problems } = await expandInputs(args, { recursive })
  const names = outputNames(files)
  const tasks = files.map((input, i) => ({ input, base: join(out, names[i]!) }))
  if (suffixes.length > 0 && tasks.length > 0) {
    refuseToOverwrite(tasks, suffixes)
    createFolder(out)
  }
  return { tasks, problems }
}

/** An input may lie in the output folder, but must not be one of the outputs. */
function refuseToOverwrite(tasks: readonly Task[], suffixes: readonly string[]): void {
  const inputs = new Map(tasks.map(({ input }) => [identityOf(input), input]))
  const endings = numbered(suffixes, tasks)
  for (const { base, input } of tasks) {
    const victim = endings.map((ending) => inputs.get(identityOf(base + ending))).find(Boolean)
    if (victim !== undefined)
      throw new CliError(
        `The outputs of ${input} would overwrite the input ${victim}; give another --out than ${dirname(base)}.`,
        EXIT.usage,
      )
  }
}

/** How many faces there are nobody knows yet: # becomes each number that an input has in this place. */
function numbered(suffixes: readonly string[], tasks: readonly Task[]): string[] {
  const names = tasks.flatMap(({ input }) => [basename(input), basename(realPath(input))])
  return suffixes.flatMap((suffix) => {
    if (!suffix.includes('#')) return suffix
    const pattern = new RegExp(`${suffix.replace('.', '\\.').replace('#', '([1-9]\\d*)')}$`, 'i')
    const numbers = new Set(names.flatMap((name) => pattern.exec(name)?.[1] ?? []))
    return Array.from(numbers, (number) => suffix.replace('#', number))
  })
}
