import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { CliError, systemReason } from './errors.ts'
import { byName, statOrMissing } from './files.ts'
import { isPicture } from './images.ts'

/** What the arguments stand for. */
export interface Inputs {
  /** Files in the order of the arguments; each once. */
  readonly files: readonly string[]
  /** Arguments that stand for nothing. */
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
      for (const file of await expand(arg, options.recursive ?? false))
        if (!files.has(resolve(file))) files.set(resolve(file), file)
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      problems.push({ input: arg, message: error.message })
    }
  }
  return { files: [...files.values()], problems }
}

async function expand(arg: string, recursive: boolean): Promise<string[]> {
  const entry = await statOrMissing(arg)
  if (entry?.isDirectory()) return listFolder(arg, recursive)
  if (entry) return [arg]
  if (!isDynamicPattern(arg)) throw new CliError(`There is no file or folder ${arg}.`)
  const matches = await glob(arg.replaceAll(sep, '/'), { expandDirectories: false })
  if (matches.length === 0) throw new CliError(`No file matches ${arg}.`)
  return matches.sort(byName)
}

async function listFolder(folder: string, recursive: boolean): Promise<string[]> {
  const names = await readdir(folder, { recursive }).catch((error) => {
    throw new CliError(`${folder} cannot be read: ${systemReason(error)}.`)
  })
  const files = names
    .filter((name) => isPicture(name) && !isHidden(name))
    .sort(byName)
    .map((name) => join(folder, name))
    .filter((file) => !isFolder(file))
  if (files.length === 0) throw new CliError(`There is no picture in the folder ${folder}.`)
  return files
}

/** Albums may be named as pictures are. What cannot be looked at is told when it is read. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Starts with a dot, or lies in a folder that does. */
function isHidden(path: string): boolean {
  return path.split(sep).some((name) => name.startsWith('.'))
}
