import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { expandInputs } from './expand-inputs.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa inputs ü '))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

for (const name of ['sub/deep', 'sub/.git', 'empty', 'a[1]', 'album.jpg', 'sub/album.png'])
  mkdirSync(join(folder, name), { recursive: true })
for (const name of [
  'f10.jpg',
  'f2.JPG',
  'b.png',
  'notes.txt',
  '.hidden.jpg',
  'sub/deep/z.webp',
  'sub/y.jpeg',
  'x[1].jpg',
])
  writeFileSync(join(folder, name), '')

async function expand(args: string[], options = {}): Promise<string[]> {
  const { files, problems } = await expandInputs(
    args.map((arg) => join(folder, arg)),
    options,
  )
  expect(problems).toEqual([])
  return files.map((file) => relative(folder, file))
}

describe('expandInputs', () => {
  it('takes files as they are, in order, each once', async () => {
    expect(await expand(['notes.txt', 'f10.jpg', 'sub/../f10.jpg', 'b.png'])).toEqual(['notes.txt', 'f10.jpg', 'b.png'])
  })

  it('lists the pictures of a folder, sorted, not those of its folders', async () => {
    expect(await expand(['.'])).toEqual(['b.png', 'f2.JPG', 'f10.jpg', 'x[1].jpg'])
  })

  it('goes into folders when asked', async () => {
    expect(await expand(['.'], { recursive: true })).toEqual([
      'b.png',
      'f2.JPG',
      'f10.jpg',
      'sub/deep/z.webp',
      'sub/y.jpeg',
      'x[1].jpg',
    ])
  })

  it('expands globs, but not what exists under that very name', async () => {
    expect(await expand(['f*.{jpg,JPG}'])).toEqual(['f2.JPG', 'f10.jpg'])
    expect(await expand(['**/*.jpeg'])).toEqual(['sub/y.jpeg'])
    expect(await expand(['x[1].jpg'])).toEqual(['x[1].jpg'])
  })

  it('follows no link to a folder, which may lead in circles', async () => {
    symlinkSync('..', join(folder, 'sub/up'), 'junction')
    symlinkSync(join(folder, 'b.png'), join(folder, 'sub/deep/link.png'))
    expect(await expand(['**/*.png'])).toEqual(['b.png', 'sub/deep/link.png'])
    expect(await expand(['.'], { recursive: true })).toContain('sub/deep/link.png')
    rmSync(join(folder, 'sub/up'))
    rmSync(join(folder, 'sub/deep/link.png'))
  })

  it.runIf(process.platform === 'linux')(
    'does what can be read of a folder, and says what cannot (on Linux)',
    async () => {
      const name = Buffer.concat([Buffer.from(join(folder, 'sub/')), Buffer.from([0xe9]), Buffer.from('.png')])
      writeFileSync(name, '')
      const { files, problems } = await expandInputs([join(folder, 'sub')], { recursive: true })
      rmSync(name)
      expect(files.map((file) => relative(folder, file))).toEqual(['sub/deep/z.webp', 'sub/y.jpeg'])
      const path = join(folder, 'sub/\\xe9.png')
      expect(problems).toEqual([{ input: path, message: `The name ${path} is not UTF-8; rename it.` }])
    },
  )

  it('says what stands for nothing and goes on', async () => {
    const { files, problems } = await expandInputs(
      ['gone.jpg', 'empty', '*.tiff', 'b.png', 'b.png/c.jpg'].map((arg) => join(folder, arg)),
    )
    expect(files).toEqual([join(folder, 'b.png')])
    expect(problems.map(({ message }) => message)).toEqual([
      `There is no file or folder ${join(folder, 'gone.jpg')}.`,
      `There is no picture in the folder ${join(folder, 'empty')}.`,
      `No file matches ${join(folder, '*.tiff')}.`,
      `There is no file or folder ${join(folder, 'b.png/c.jpg')}.`,
    ])
  })
})
