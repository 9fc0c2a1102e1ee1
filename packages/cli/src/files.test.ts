import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createFolder, writeWhole } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('writeWhole', () => {
  it('writes and replaces, and leaves nothing else', () => {
    const path = join(folder, 'ü x.txt')
    writeWhole(path, 'one')
    writeWhole(path, Buffer.from('two'))
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(readdirSync(folder)).toEqual(['ü x.txt'])
  })

  it('says in one sentence what stands in the way, and leaves nothing', () => {
    mkdirSync(join(folder, 'taken'))
    expect(() => writeWhole(join(folder, 'taken'), 'x')).toThrow(
      `${join(folder, 'taken')} cannot be written: a folder of that name is in the way.`,
    )
    expect(() => writeWhole(join(folder, 'gone', 'x'), 'x')).toThrow(
      `${join(folder, 'gone', 'x')} cannot be written: no such file or folder.`,
    )
    const long = join(folder, 'x'.repeat(300))
    expect(() => writeWhole(long, 'x')).toThrow(`${long} cannot be written: the name is too long.`)
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('createFolder', () => {
  it('creates the folders above too, and says why it cannot', () => {
    createFolder(join(folder, 'a', 'b'))
    createFolder(join(folder, 'a', 'b'))
    expect(existsSync(join(folder, 'a', 'b'))).toBe(true)
    writeFileSync(join(folder, 'file'), '')
    expect(() => createFolder(join(folder, 'file', 'sub'))).toThrow(
      `The folder ${join(folder, 'file', 'sub')} cannot be created: a part of the path is not a folder.`,
    )
  })
})
