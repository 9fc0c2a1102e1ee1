import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { removeAtExit } from './at-exit.ts'

const MAX_FILE_BYTES = 2 ** 30

/**
 * git's id of a file: sha1 of "blob <size>\0" + content.
 * @throws when it is a folder, a device or a pipe, which may never end, or larger than 1 GiB.
 */
export async function gitBlobId(path: string): Promise<string> {
  const info = await stat(path)
  const { size } = info
  if (!info.isFile() || size > MAX_FILE_BYTES) throw new Error(`${path} is no file of at most ${MAX_FILE_BYTES} bytes.`)
  const hash = createHash('sha1').update(`blob ${size}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

/**
 * Makes a folder and those above it, where they are missing. Not by `recursive`, which calls a read-only file system a missing folder
 * and in /proc never ends.
 */
export async function makeFolder(folder: string): Promise<void> {
  const isFolder = async (): Promise<boolean> => (await stat(folder).catch(() => undefined))?.isDirectory() === true
  if (await isFolder()) return
  if (dirname(folder) !== folder) await makeFolder(dirname(folder))
  try {
    await mkdir(folder)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!(await isFolder())) throw error
  }
}

/**
 * Writes a whole file or nothing: a temporary name beside it, flushed to disk, then renamed.
 * @param beforeRename once nothing can fail any more but the renaming.
 */
export async function writeAtomically(
  path: string,
  data: Uint8Array | string,
  beforeRename?: () => Promise<void>,
): Promise<void> {
  await makeFolder(dirname(path))
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`)
  const keep = removeAtExit(temporary)
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await beforeRename?.()
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    keep()
  }
}

const DAY = 24 * 60 * 60 * 1000

/** Removes what killed processes left behind: temporary files older than a day. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.tmp')) continue
    const path = join(folder, name)
    const info = await stat(path).catch(() => undefined)
    if (info && Date.now() - info.mtimeMs > DAY) await rm(path, { force: true })
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true
}
