import type { Dirent } from 'node:fs'
import { opendir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError, EXIT, systemReason } from '../errors.ts'
import { byName } from '../files.ts'

export interface WalkOptions {
  /** Names in order, 2 before 10. Then the names of one folder are in memory at a time; otherwise only a few are. */
  readonly ordered: boolean
  /** Also what starts with a dot. */
  readonly hidden: boolean
  /** Folders below the first that are entered. */
  readonly depth: number
  /** An absolute path of a folder that is left out. */
  readonly skip: string
}

/** A file below the folder, or a folder that cannot be read. */
export interface Found {
  /** Relative to the folder that was walked. */
  readonly path: string
  /** Why a folder cannot be read, one sentence. */
  readonly problem?: string
}

/**
 * All files below an absolute folder, one by one. Links to folders are not followed: they may lead in circles.
 * @throws {CliError} when the folder itself cannot be read.
 */
export async function* walk(folder: string, options: WalkOptions, below = ''): AsyncGenerator<Found> {
  try {
    for await (const entry of await entries(join(folder, below), options.ordered)) {
      if (entry.name.startsWith('.') && !options.hidden) continue
      const path = join(below, entry.name)
      if (!entry.isDirectory()) yield { path }
      else if (options.depth > 0 && join(folder, path) !== options.skip)
        yield* walk(folder, { ...options, depth: options.depth - 1 }, path)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    const problem = `The folder ${join(folder, below)} cannot be read: ${systemReason(error)}.`
    if (below === '') throw new CliError(problem, EXIT.usage)
    yield { path: below, problem }
  }
}

async function entries(folder: string, ordered: boolean): Promise<AsyncIterable<Dirent> | Iterable<Dirent>> {
  if (!ordered) return opendir(folder, { bufferSize: 256 })
  const all = await readdir(folder, { withFileTypes: true })
  return all.sort((a, b) => byName(a.name, b.name) || (a.name < b.name ? -1 : 1))
}
