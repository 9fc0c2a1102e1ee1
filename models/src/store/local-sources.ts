import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Manifest, UpstreamFile } from '../manifest.ts'
import { gitBlobId } from './files.ts'

/** Where a folder may keep a file: as in its repository, under the repository's name, or by plain name. */
function candidates(file: UpstreamFile, folder: string): string[] {
  const { repository, path } = file.source!
  const name = basename(path)
  return [
    join(folder, path),
    join(folder, repository.split('/')[1]!, path),
    join(folder, name),
    join(folder, 'detectors', file.id, name),
    ...(file.local ? [join(folder, file.local)] : []),
  ]
}

/** The published file in one of `folders`, told by its git blob id (or that of a twin), whatever else has its name. */
export async function findLocal(file: UpstreamFile, folders: readonly string[]): Promise<string | undefined> {
  for (const { blobId, bytes } of [{ blobId: file.blobId, bytes: file.bytes }, ...(file.twins ?? [])]) {
    const path = await find(file, folders, blobId, bytes)
    if (path) return path
  }
  return undefined
}

/** A known stand-in for `file` in one of `folders`. */
export async function findStandIn(
  file: UpstreamFile,
  manifest: Manifest,
  folders: readonly string[],
): Promise<{ path: string; note: string; blobId: string } | undefined> {
  for (const standIn of manifest.standIns) {
    if (standIn.replaces !== file.id) continue
    const path = await find(file, folders, standIn.blobId, standIn.bytes)
    if (path) return { path, note: standIn.note, blobId: standIn.blobId }
  }
  return undefined
}

async function find(
  file: UpstreamFile,
  folders: readonly string[],
  blobId: string | undefined,
  bytes: number | undefined,
): Promise<string | undefined> {
  if (!file.source || !blobId) return undefined
  for (const path of folders.flatMap((folder) => candidates(file, folder))) {
    const info = await stat(path).catch(() => undefined)
    if (!info?.isFile() || (bytes !== undefined && info.size !== bytes)) continue
    if ((await gitBlobId(path)) === blobId) return path
  }
  return undefined
}
