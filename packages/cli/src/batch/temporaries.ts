import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isTemporary } from '../files.ts'
import { walk } from '../inputs/walk.ts'

/** Removes what `writeWhole` leaves behind when its process is killed in the middle. */
export async function removeTemporaries(folder: string): Promise<void> {
  const options = { ordered: false, hidden: true, depth: Number.POSITIVE_INFINITY, skip: '' }
  for await (const { path } of walk(resolve(folder), options))
    if (isTemporary(path)) await rm(join(folder, path), { force: true })
}
