import { rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { walk } from './walk.ts'

const TEMPORARY = /^\.3ddfa-[0-9a-f]{16}\.tmp$/

/** Removes what `writeWhole` leaves behind when its process is killed in the middle. */
export async function removeTemporaries(folder: string): Promise<void> {
  const options = { ordered: false, hidden: true, depth: Number.POSITIVE_INFINITY, skip: '' }
  for await (const { path } of walk(resolve(folder), options))
    if (TEMPORARY.test(basename(path))) await rm(join(folder, path), { force: true })
}
