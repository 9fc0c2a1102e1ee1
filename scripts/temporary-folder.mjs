import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/**
 * The path of a temporary folder of the suite that asks. It is there while the suite runs: a suite that is skipped leaves none.
 * @param {string} name what it is for
 * @returns {string}
 */
export function temporaryFolder(name) {
  const folder = join(tmpdir(), `3ddfa-${name}-${randomBytes(6).toString('hex')}`)
  beforeAll(() => void mkdirSync(folder))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
