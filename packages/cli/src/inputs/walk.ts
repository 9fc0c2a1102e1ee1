import { type Dirent, lstatSync } from 'node:fs'
import { opendir, readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { CliError, EXIT, systemReason } from '../errors.ts'
import { byName } from '../files.ts'
import { nameOf, notText } from './file-name.ts'

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

/** A file below the folder, or something that cannot be read. */
export interface Found {
  /** Relative to the folder that was walked. */
  readonly path: string
  /** Why it cannot be read, one sentence. */
  readonly problem?: string
  /** A folder is found only where it cannot be read. */
  readonly isFolder?: boolean
}

/**
 * All files below an absolute folder, one by one. Links to folders are not followed: they may lead in circles.
 * @throws {CliError} when the folder itself cannot be read.
 */
export async function* walk(folder: string, options: WalkOptions, below = ''): AsyncGenerator<Found> {
  try {
    for await (const entry of entries(join(folder, below), options.ordered)) {
      const { name, isText } = entry
      if (name.startsWith('.') && !options.hidden) continue
      const path = join(below, name)
      if (!isText) yield { path, problem: notText(join(folder, path)), isFolder: entry.isDirectory() }
      else if (!entry.isDirectory()) yield { path }
      else if (options.depth > 0 && join(folder, path) !== options.skip)
        yield* walk(folder, { ...options, depth: options.depth - 1 }, path)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    const problem = `The folder ${join(folder, below)} cannot be read: ${systemReason(error)}.`
    if (below === '') throw new CliError(problem, EXIT.usage)
    yield { path: below, problem, isFolder: true }
  }
}

/** What stands in a name for bytes that are no text. */
const REPLACED = '\ufffd'

interface Entry {
  readonly name: string
  readonly isText: boolean
  isDirectory(): boolean
}

/** What is in a folder; what has a name that is no text comes last. */
async function* entries(folder: string, ordered: boolean): AsyncGenerator<Entry> {
  let isDoubtful = false
  for await (const entry of await listed(folder, ordered)) {
    if (entry.name.includes(REPLACED)) isDoubtful = true
    else yield { name: entry.name, isText: true, isDirectory: () => entry.isDirectory() }
  }
  if (!isDoubtful) return
  for (const bytes of await readdir(folder, { encoding: 'buffer' })) {
    const { name, isText } = nameOf(bytes)
    const isDirectory = (): boolean => lstatSync(Buffer.concat([Buffer.from(folder + sep), bytes])).isDirectory()
    if (!isText || name.includes(REPLACED)) yield { name, isText, isDirectory }
  }
}

async function listed(folder: string, ordered: boolean): Promise<AsyncIterable<Dirent> | Iterable<Dirent>> {
  if (!ordered) return opendir(folder, { bufferSize: 256 })
  const all = await readdir(folder, { withFileTypes: true })
  return all.sort((a, b) => byName(a.name, b.name) || (a.name < b.name ? -1 : 1))
}
