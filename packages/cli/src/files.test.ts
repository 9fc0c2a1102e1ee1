import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createFolder, identityOf, prepareOutput, realPath, writeWhole } from './files.ts'

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
      `${join(folder, 'taken')} is a folder; expected the name of a file.`,
    )
    expect(() => writeWhole(join(folder, 'gone', 'x'), 'x')).toThrow(
      `${join(folder, 'gone', 'x')} cannot be written: no such file or folder.`,
    )
    const long = join(folder, 'x'.repeat(300))
    expect(() => writeWhole(long, 'x')).toThrow(`${long} cannot be written: the name is too long.`)
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('prepareOutput', () => {
  const at = (name: string) => join(folder, name)

  it('makes the folder, and lets a file be replaced', () => {
    prepareOutput(at('new/a.onnx'), [at('b.onnx')])
    expect(existsSync(at('new'))).toBe(true)
    writeFileSync(at('new/a.onnx'), 'old')
    prepareOutput(at('new/a.onnx'), [at('b.onnx')])
    expect(readFileSync(at('new/a.onnx'), 'utf8')).toBe('old')
  })

  it('refuses an input, by a link too, and a name that is too long', () => {
    writeFileSync(at('in.onnx'), '')
    symlinkSync('in.onnx', at('link.onnx'))
    for (const name of ['in.onnx', 'link.onnx'])
      expect(() => prepareOutput(at(name), [at('other'), at('in.onnx')])).toThrow(
        /is the input; give the output another name/,
      )
    expect(() => prepareOutput(at('x'.repeat(300)), [])).toThrow(/cannot be written: the name is too long/)
  })

  it('refuses an input through a linked folder', () => {
    mkdirSync(at('folder'))
    writeFileSync(at('folder/e.png'), '')
    symlinkSync('folder', at('linked'))
    expect(() => prepareOutput(at('linked/e.png'), [at('folder/e.png')])).toThrow(/is the input/)
  })

  const everywhere = process.getuid?.() === 0 || process.platform === 'win32'
  const reason = everywhere ? ' (skipped: this user may write everywhere)' : ''
  it.skipIf(everywhere)(`refuses a folder that is not for us${reason}`, () => {
    mkdirSync(at('closed'), { mode: 0o500 })
    expect(() => prepareOutput(at('closed/a'), [])).toThrow(`${at('closed/a')} cannot be written: permission denied.`)
  })
})

describe('realPath and identityOf', () => {
  const at = (name: string) => join(folder, name)

  it('see through links to folders, also of a file that is not there yet', () => {
    const real = realpathSync(folder)
    mkdirSync(at('h'))
    symlinkSync('h', at('hl'))
    writeFileSync(at('h/there'), '')
    expect(realPath(at('hl/there'))).toBe(join(real, 'h/there'))
    expect(realPath(at('hl/no/file'))).toBe(join(real, 'h/no/file'))
    expect(realPath(`${folder}/hl/../h`)).toBe(join(real, 'h'))
    expect(realPath('gone')).toBe(join(process.cwd(), 'gone'))
    for (const name of ['there', 'no/file']) expect(identityOf(at(`hl/${name}`))).toBe(identityOf(at(`h/${name}`)))
    expect(identityOf(at('h/there'))).not.toBe(identityOf(at('h')))
  })

  it('knows a file by what it is, not by what it is called', () => {
    // As on file systems to which the case of letters is nothing.
    linkSync(at('h/there'), at('h/THERE'))
    expect(identityOf(at('h/THERE'))).toBe(identityOf(at('h/there')))
  })
})

it.skipIf(process.platform === 'win32')('a pipe is not replaced by a file', () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  expect(() => writeWhole(pipe, 'x')).toThrow(`${pipe} is no file, and is not replaced by one.`)
  expect(() => prepareOutput(pipe, [])).toThrow(/is no file/)
  expect(statSync(pipe).isFIFO()).toBe(true)
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
