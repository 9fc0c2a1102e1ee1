import type * as fs from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { Journal } from './batch/journal.ts'
import { writeWhole } from './files.ts'
import { PendingFile } from './video/pending-file.ts'

/** What is asked of the disk, in order. */
const { log } = vi.hoisted(() => ({ log: [] as string[] }))
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  const nameOf = (descriptor: number): string =>
    real.fstatSync(descriptor).isDirectory() ? 'folder' : `file of ${real.fstatSync(descriptor).size} bytes`
  return {
    ...real,
    fsyncSync: (descriptor: number) => log.push(`sync ${nameOf(descriptor)}`) && real.fsyncSync(descriptor),
    renameSync: (from: string, to: string) => log.push('rename') && real.renameSync(from, to),
  }
})

const folder = mkdtempSync(join(tmpdir(), '3ddfa-power-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => void log.splice(0))

const inOrder = ['sync file of 5 bytes', 'rename', ...(process.platform === 'win32' ? [] : ['sync folder'])]

it('an output is on the disk before it has its name, and its name before it counts as done', () => {
  writeWhole(join(folder, 'a.json'), 'whole')
  expect(log).toEqual(inOrder)
})

it('so is a file of a video', () => {
  const file = new PendingFile(join(folder, 'a.glb'), true)
  file.write('whole')
  file.commit()
  expect(log).toEqual(inOrder)
})

it('a line is on the disk before the next one is written', async () => {
  const journal = await Journal.open(join(folder, 'results.jsonl'))
  journal.append('{}')
  journal.append('{}')
  expect(log).toEqual(['sync file of 3 bytes', 'sync file of 6 bytes'])
  journal.close()
})
