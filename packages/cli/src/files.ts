import { randomBytes } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CliError, EXIT, isOfDevice, systemReason, UnwritableError } from './errors.ts'
import { MAX_FILE_BYTES } from './limits.ts'

/** Order of names for people: 2 before 10. */
export const byName: (a: string, b: string) => number = new Intl.Collator('en', { numeric: true }).compare

/** What lies at a path; undefined where nothing does. @throws {CliError} when that cannot be told. */
export async function statOrMissing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new CliError(`${path} cannot be read: ${systemReason(error)}.`, EXIT.usage)
  }
}

/** The same, without a promise. */
export function statOrMissingSync(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${systemReason(error)}.`, EXIT.usage)
  }
}

/** @throws {CliError} on a folder, a device or a pipe, which may never end, and on a file of more than MAX_FILE_BYTES. */
export function checkFile(path: string, file: Stats, exitCode: number = EXIT.usage): void {
  if (!file.isFile()) throw new CliError(`${path} is not a file.`, exitCode)
  if (file.size > MAX_FILE_BYTES)
    throw new CliError(`${path} has ${file.size} bytes, more than the limit of ${MAX_FILE_BYTES}.`, exitCode)
}

/**
 * What has the name of a file that is to be written.
 * @throws {CliError} when a file cannot get it: one of `inputs`, a folder, a device or a pipe has it, or it is too long.
 */
export function statOutput(path: string, inputs: readonly string[] = []): Stats | undefined {
  const entry = lookAt(path)
  if (entry?.isDirectory()) throw new CliError(`${path} is a folder; expected the name of a file.`, EXIT.usage)
  if (entry && !entry.isFile()) throw new CliError(`${path} is no file, and is not replaced by one.`, EXIT.usage)
  if (inputs.some((input) => identityOf(input) === identityOf(path)))
    throw new CliError(`${path} is the input; give the output another name.`, EXIT.usage)
  return entry
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

/** Absolute, and without links as far as something is there. */
export function realPath(path: string): string {
  try {
    // `..` is left to the system: after a link it does not lead back.
    return realpathSync.native(path)
  } catch {
    // Not there, or there without a path of its own, as a pipe of the shell.
    const parent = dirname(path)
    return parent === path ? resolve(path) : join(realPath(parent), basename(path))
  }
}

/**
 * The same for all paths to a file or folder: by links, and in upper or lower case where that is the same. What is not there yet is known
 * by its real path.
 */
export function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    // Some network drives of Windows number every file 0.
    return ino ? `${dev}:${ino}` : realPath(path)
  } catch {
    return realPath(path)
  }
}

/**
 * Before the work for a file begins: checks its name, and makes its folder.
 * @throws {CliError} as `statOutput` and `createFolder`, and when the folder is not for us to write in.
 */
export function prepareOutput(path: string, inputs: readonly string[]): void {
  statOutput(path, inputs)
  const folder = dirname(path)
  createFolder(folder)
  // In a folder that was not there no name is too long.
  statOutput(path)
  try {
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

/** @throws {CliError} when the folder neither exists nor can be created. */
export function createFolder(folder: string): void {
  try {
    makeFolder(resolve(folder))
  } catch (error) {
    const kind = isOfDevice(error) ? UnwritableError : CliError
    throw new kind(`The folder ${folder} cannot be created: ${systemReason(error)}.`, EXIT.usage)
  }
}

/** Creates a folder where that can be done, and says whether it is there. */
export function tryToCreateFolder(folder: string): boolean {
  try {
    makeFolder(resolve(folder))
    return true
  } catch {
    return false
  }
}

/** Not by `recursive`, which calls a read-only file system a missing folder and in /proc never ends. */
function makeFolder(folder: string): void {
  const isFolder = (): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  if (isFolder()) return
  // A file above it is for the system to complain of: of a part of the path.
  if (statSync(dirname(folder), { throwIfNoEntry: false }) === undefined) makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder()) throw error
  }
}

/** A path beside another one, for what will get that name when it is whole. */
export function temporaryFor(path: string): string {
  return join(dirname(path), `.3ddfa-${randomBytes(8).toString('hex')}.tmp`)
}

/** What `temporaryFor` names. */
export function isTemporary(path: string): boolean {
  return /^\.3ddfa-[0-9a-f]{16}\.tmp$/.test(basename(path))
}

/**
 * Writes a whole file or nothing, also in a power cut: under a temporary name in the same folder, then renamed. Synchronous on purpose: a signal's
 * handler runs before or after it, never in between, so an interrupt leaves neither half a file nor a temporary one.
 * @throws {CliError} one sentence with the reason.
 */
export function writeWhole(path: string, data: Uint8Array | string): void {
  statOutput(path)
  const temporary = temporaryFor(path)
  try {
    writeFileSync(temporary, data, { flag: 'wx' })
    putInPlace(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw cannotWrite(path, error)
  }
}

/**
 * Gives a file of `temporaryFor` its name. Both are on the disk then, not only in the system's memory.
 * @param replace whether a file that has the name gives way to it.
 * @throws {NodeJS.ErrnoException} of code `EEXIST` when one has it that does not.
 */
export function putInPlace(temporary: string, path: string, replace = true): void {
  const descriptor = openSync(temporary, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  if (replace) renameSync(temporary, path)
  else renameToFree(temporary, path)
  syncFolder(dirname(path))
}

/** A rename replaces what has the name; a link does not. */
function renameToFree(temporary: string, path: string): void {
  try {
    linkSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    // Memory cards and some networks have no links: an empty file takes the name first.
    closeSync(openSync(path, 'wx'))
    renameSync(temporary, path)
    return
  }
  rmSync(temporary)
}

/** Names in a folder are on the disk. Some systems do without: Windows, some networks. */
function syncFolder(folder: string): void {
  let descriptor: number | undefined
  try {
    descriptor = openSync(folder, 'r')
    fsyncSync(descriptor)
  } catch {
    // The file itself is written.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** The sentence about a file that could not be written. */
export function cannotWrite(path: string, error: unknown): CliError {
  const kind = isOfDevice(error) ? UnwritableError : CliError
  return new kind(`${path} cannot be written: ${systemReason(error)}.`)
}

/** Removes a file, if it is there and can be removed. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Where nothing can be written nothing was left either.
  }
}
