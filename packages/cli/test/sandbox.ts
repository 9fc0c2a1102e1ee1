import { delimiter, join } from 'node:path'
import { shared } from '../../../scripts/shared.mjs'
import { temporaryFolder } from '../../../scripts/temporary-folder.mjs'

/** A temporary folder, and the environment of a user whose models come from ../shared into a store in it. */
export function sandbox(): { folder: string; env: Record<string, string> } {
  const folder = temporaryFolder('e2e')
  const sources = ['upstream', 'standin'].map((name) => shared(name)).filter((path) => path !== undefined)
  return { folder, env: { TDFA_CACHE_DIR: join(folder, 'cache'), TDFA_MODEL_SOURCES: sources.join(delimiter) } }
}
