import { dirname, join, resolve } from 'node:path'
import { CliError, EXIT } from './errors.ts'
import { createFolder } from './files.ts'
import { expandInputs, type Problem } from './inputs.ts'
import { outputNames } from './names.ts'
import { type OutputName, outputPath } from './outputs/names.ts'

/** One picture and where its outputs go. */
export interface Task {
  readonly input: string
  /** Outputs are named `<base>_<output>.<ending>`; a path without that. */
  readonly base: string
}

export interface Plan {
  readonly tasks: readonly Task[]
  readonly outputs: readonly OutputName[]
  /** Inputs that stand for nothing. */
  readonly problems: readonly Problem[]
}

export interface PlanOptions {
  readonly out: string
  readonly outputs: readonly OutputName[]
  readonly recursive?: boolean | undefined
}

/**
 * Says what will be read and written, and creates the folder for it.
 * @throws {CliError} when there is nothing to do, or the outputs cannot go where they should.
 */
export async function planRun(args: readonly string[], { out, outputs, recursive }: PlanOptions): Promise<Plan> {
  if (args.length === 0)
    throw new CliError('Expected a picture, folder or glob, for example: 3ddfa align photo.jpg', EXIT.usage)
  const { files, problems } = await expandInputs(args, { recursive })
  const names = outputNames(files)
  const tasks = files.map((input, i) => ({ input, base: join(out, names[i]!) }))
  if (outputs.length > 0 && tasks.length > 0) {
    refuseToOverwrite(tasks, outputs)
    createFolder(out)
  }
  return { tasks, outputs, problems }
}

/** An input may lie in the output folder, but must not be one of the outputs. */
function refuseToOverwrite(tasks: readonly Task[], outputs: readonly OutputName[]): void {
  const inputs = new Map(tasks.map(({ input }) => [resolve(input), input]))
  for (const { base, input } of tasks) {
    const victim = outputs.map((output) => inputs.get(resolve(outputPath(base, output)))).find(Boolean)
    if (victim !== undefined)
      throw new CliError(
        `The outputs of ${input} would overwrite the input ${victim}; give another --out than ${dirname(base)}.`,
        EXIT.usage,
      )
  }
}
