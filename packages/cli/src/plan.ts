import { basename, dirname, join } from 'node:path'
import { CliError, EXIT } from './errors.ts'
import { createFolder, identityOf, realPath } from './files.ts'
import { expandInputs, type Problem } from './inputs/expand-inputs.ts'
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
  const plain = suffixes.filter((suffix) => !suffix.includes('#'))
  for (const { base, input } of tasks)
    for (const suffix of plain) {
      const victim = inputs.get(identityOf(base + suffix))
      if (victim !== undefined) refuse(base, input, victim)
    }
  // How many faces a picture has nobody knows yet: each input's name tells whose output it could be.
  const byName = new Map(tasks.map((task) => [basename(task.base).toLowerCase(), task]))
  for (const suffix of suffixes.filter((suffix) => !plain.includes(suffix))) {
    const [before, after] = suffix.split('#').map((part) => part.replaceAll('.', '\\.'))
    const pattern = new RegExp(`^(.+)${before}([1-9]\\d*)${after}$`, 'i')
    for (const { input: victim } of tasks)
      for (const name of [basename(victim), basename(realPath(victim))]) {
        const [, stem, number] = pattern.exec(name) ?? []
        const task = stem === undefined ? undefined : byName.get(stem.toLowerCase())
        if (task && identityOf(task.base + suffix.replace('#', number!)) === identityOf(victim))
          refuse(task.base, task.input, victim)
      }
  }
}

/** @throws {CliError} */
function refuse(base: string, input: string, victim: string): never {
  throw new CliError(
    `The outputs of ${input} would overwrite the input ${victim}; give another --out than ${dirname(base)}.`,
    EXIT.usage,
  )
}
