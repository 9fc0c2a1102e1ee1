import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'

/** The path of a temporary folder of this suite. It is there while the suite runs: a suite that is skipped leaves none. */
export function temporaryFolder(): string {
  const folder = join(tmpdir(), `3ddfa-e2e-${randomBytes(6).toString('hex')}`)
  beforeAll(() => void mkdirSync(folder))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A temporary folder, and the environment of a user whose models come from ../shared into a store in it. */
export function sandbox(): { folder: string; env: Record<string, string> } {
  const folder = temporaryFolder()
  const sources = ['upstream', 'standin'].map((name) => shared(name)).filter((path) => path !== undefined)
  return { folder, env: { TDFA_CACHE_DIR: join(folder, 'cache'), TDFA_MODEL_SOURCES: sources.join(delimiter) } }
}
