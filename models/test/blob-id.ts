import { createHash } from 'node:crypto'

/** Git's name of a content, by which files are pinned. */
export function blobId(data: Uint8Array): string {
  return createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex')
}
