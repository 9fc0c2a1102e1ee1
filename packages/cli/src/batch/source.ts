import { createReadStream, type Stats } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { CliError, EXIT, messageOf } from '../errors.ts'
import { realPath, statOrMissing } from '../files.ts'
import { isPicture } from '../images.ts'
import { nameOf, notText } from '../inputs/file-name.ts'
import { type Glob, isGlob, parseGlob, pictures } from '../inputs/glob.ts'
import { type Found, walk } from '../inputs/walk.ts'
import { openNamedPipe } from '../named-pipe.ts'
import { readLines } from './lines.ts'

/** A picture of the batch. */
export interface Candidate {
  /** Its path relative to the root, with slashes: what it is called in the results and where its outputs go. */
  readonly key: string
  /** The path it is read from. */
  readonly input: string
  /** Why it cannot be done, one sentence. */
  readonly problem?: string
}

export interface Source {
  /** Absolute path of the folder that keys are relative to. */
  readonly root: string
  /** Whether it can be gone through twice. */
  readonly countable: boolean
  /** What a person calls it, for messages. */
  readonly name: string
  files(signal: AbortSignal): AsyncIterable<Candidate>
}

export interface SourceOptions {
  readonly out: string
  readonly root?: string | undefined
  readonly ordered?: boolean | undefined
}

/** Longest line of a list: the longest path. */
const MAX_LINE_BYTES = 4096

/**
 * What the argument stands for: a folder (its pictures by ending, at any depth; hidden ones left out), a list of paths (a
 * file, or - for stdin), or a glob. Nothing is listed yet.
 * @throws {CliError} when it is none of these.
 */
export async function openSource(argument: string, options: SourceOptions): Promise<Source> {
  const entry = argument === '-' ? undefined : await statOrMissing(argument)
  if (entry?.isDirectory()) return walkedSource(argument, `the folder ${argument}`, pictures(true), options)
  if (argument === '-') return listSource(argument, 'stdin', undefined, options)
  if (entry && isPicture(argument))
    throw new CliError(`${argument} is one picture; align it with: 3ddfa align ${argument}`, EXIT.usage)
  if (entry) return listSource(argument, `the list ${argument}`, entry, options)
  if (!isGlob(argument)) throw new CliError(`There is no folder or list ${argument}.`, EXIT.usage)
  const { base, ...glob } = parseGlob(argument.replaceAll(sep, '/'))
  return walkedSource(base, argument, glob, options)
}

/** The files below a folder that match. */
function walkedSource(folder: string, name: string, glob: Omit<Glob, 'base'>, options: SourceOptions): Source {
  const context = contextOf(options, folder)
  return {
    root: context.root,
    countable: true,
    name,
    async *files(signal) {
      for await (const found of walk(realPath(resolve(folder)), { ...context, ...glob })) {
        if (signal.aborted) return
        if (found.isFolder || glob.matches(found.path.replaceAll(sep, '/'))) yield candidateOf(folder, found, context)
      }
    },
  }
}

function listSource(path: string, name: string, entry: Stats | undefined, options: SourceOptions): Source {
  const context = contextOf(options, '')
  const isPipe = entry?.isFIFO() ?? false
  return {
    root: context.root,
    countable: entry?.isFile() ?? false,
    name,
    async *files(signal) {
      if (signal.aborted) return
      const stream = path === '-' ? process.stdin : isPipe ? openNamedPipe(path) : createReadStream(path)
      signal.addEventListener('abort', () => stream.destroy(), { once: true })
      try {
        for await (const { bytes } of readLines(stream, MAX_LINE_BYTES)) {
          const { name, isText } = nameOf(bytes)
          if (name.includes('\0')) throw new RangeError('a path holds no byte of 0')
          const path = name.replace(/^\ufeff|\r$/g, '')
          if (path !== '') yield candidateOf('', { path, ...(!isText && { problem: notText(path) }) }, context)
        }
      } catch (error) {
        if (!signal.aborted) throw new CliError(`${path} cannot be read as a list: ${messageOf(error)}.`)
      }
    },
  }
}

interface Context {
  readonly root: string
  /** Real path of the output folder. */
  readonly skip: string
  readonly ordered: boolean
}

function contextOf({ out, root, ordered = false }: SourceOptions, natural: string): Context {
  const context = { root: resolve(root ?? natural), skip: realPath(resolve(out)), ordered }
  if (isInside(realPath(context.root), context.skip))
    throw new CliError(
      `The pictures of ${context.root} and their outputs would lie together; give an --out outside or below it.`,
      EXIT.usage,
    )
  return context
}

function candidateOf(folder: string, { path, problem, isFolder }: Found, { root, skip }: Context): Candidate {
  const input = join(folder, path)
  const absolute = resolve(input)
  if (!isInside(absolute, root))
    return { key: input, input, problem: `${input} lies outside ${root}, so it has no place in --out; give --root.` }
  const key = relative(root, absolute).replaceAll(sep, '/')
  if (problem !== undefined) return { key: isFolder ? `${key}/` : key, input, problem }
  return isInside(realPath(input), skip)
    ? { key, input, problem: `${input} lies in the output folder.` }
    : { key, input }
}

/** Whether a path is `folder` or lies in it; both absolute. */
function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
