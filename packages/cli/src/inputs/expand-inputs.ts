import { statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { CliError } from '../errors.ts'
import { realPath, statOrMissing } from '../files.ts'
import { isGlob, parseGlob, pictures } from './glob.ts'
import { walk } from './walk.ts'

/** What the arguments stand for. */
export interface Inputs {
  /** Files in the order of the arguments; each once. */
  readonly files: readonly string[]
  /** Arguments that stand for nothing, and folders that cannot be read. */
  readonly problems: readonly Problem[]
}

export interface Problem {
  readonly input: string
  /** One sentence. */
  readonly message: string
}

/**
 * Expands files, folders (their pictures by ending, sorted so that 2 comes before 10; hidden ones left out) and globs. What
 * exists under its very name is never taken for a glob.
 */
export async function expandInputs(
  args: readonly string[],
  options: { recursive?: boolean | undefined } = {},
): Promise<Inputs> {
  const files = new Map<string, string>()
  const problems: Problem[] = []
  for (const arg of args) {
    try {
      for await (const { path, problem } of expand(arg, options.recursive ?? false))
        if (problem !== undefined) problems.push({ input: path, message: problem })
        else if (!files.has(resolve(path))) files.set(resolve(path), path)
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      problems.push({ input: arg, message: error.message })
    }
  }
  return { files: [...files.values()], problems }
}

interface Expanded {
  readonly path: string
  /** Why it cannot be read, one sentence. */
  readonly problem?: string | undefined
}

async function* expand(arg: string, recursive: boolean): AsyncGenerator<Expanded> {
  const entry = await statOrMissing(arg)
  if (entry && !entry.isDirectory()) return yield { path: arg }
  if (!entry && !isGlob(arg)) throw new CliError(`There is no file or folder ${arg}.`)
  const { base, ...glob } = entry ? { base: arg, ...pictures(recursive) } : parseGlob(arg.replaceAll(sep, '/'))
  let isEmpty = true
  for await (const { path, problem } of walk(realPath(resolve(base)), { ...glob, ordered: true, skip: '' })) {
    const full = join(base, path)
    if (problem === undefined && (!glob.matches(path.replaceAll(sep, '/')) || isFolder(full))) continue
    isEmpty = false
    yield { path: full, problem }
  }
  if (isEmpty) throw new CliError(entry ? `There is no picture in the folder ${arg}.` : `No file matches ${arg}.`)
}

/** A link to a folder may have the name of a picture. What cannot be looked at is told when it is read. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
