import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Candidate, openSource, type SourceOptions } from './source.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa source \u00fc '))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
for (const name of [
  'in/10.jpg',
  'in/2.JPG',
  'in/notes.txt',
  'in/.hidden.jpg',
  'in/a/2.JPG',
  'in/.git/x.jpg',
  'in/out/y.jpg',
]) {
  mkdirSync(dirname(at(name)), { recursive: true })
  writeFileSync(at(name), '')
}
mkdirSync(at('in/empty'))
symlinkSync('..', at('in/a/circle'))
symlinkSync('10.jpg', at('in/link.jpg'))
mkdirSync(at('in/folder.jpg'))

async function list(argument: string, options: Partial<SourceOptions> = {}): Promise<Candidate[]> {
  const source = await openSource(argument, { out: at('in/out'), ordered: true, ...options })
  const found: Candidate[] = []
  for await (const candidate of source.files(new AbortController().signal)) found.push(candidate)
  return found
}
const keys = async (...args: Parameters<typeof list>) => (await list(...args)).map(({ key }) => key)

describe('openSource', () => {
  it('lists the pictures of a folder at any depth, sorted, without the output folder', async () => {
    const all = ['2.JPG', '10.jpg', 'a/2.JPG', 'link.jpg']
    expect(await keys(at('in'))).toEqual(all)
    expect((await keys(at('in'), { ordered: false })).sort()).toEqual(all.sort())
    expect((await list(at('in')))[2]).toEqual({ key: 'a/2.JPG', input: at('in/a/2.JPG') })
  })

  it('lists what a glob matches, relative to its fixed part', async () => {
    expect(await keys(at('in/**/2.*'))).toEqual(['2.JPG', 'a/2.JPG'])
    expect(await keys(at('in/**/2.*'), { root: folder })).toEqual(['in/2.JPG', 'in/a/2.JPG'])
    expect(await keys(at('i*/*.txt'))).toEqual(['in/notes.txt'])
  })

  it('reads a list: order kept, empty lines and carriage returns left out', async () => {
    writeFileSync(at('list.txt'), `\ufeff${at('in/10.jpg')}\r\n\n${at('in/a/2.JPG')}\n${at('gone.jpg')}`)
    expect(await keys(at('list.txt'), { root: folder })).toEqual(['in/10.jpg', 'in/a/2.JPG', 'gone.jpg'])
  })

  it('lets nothing out of the output folder, and nothing of it in', async () => {
    writeFileSync(at('list.txt'), `${at('in/a/../../../escape.jpg')}\n${at('in/out/y.jpg')}\n`)
    expect((await list(at('list.txt'), { root: at('in') })).map(({ problem }) => problem)).toEqual([
      expect.stringMatching(/lies outside .* give --root\.$/),
      expect.stringMatching(/lies in the output folder\.$/),
    ])
    await expect(openSource(at('in'), { out: at('in') })).rejects.toThrow('would lie together')
    await expect(openSource(at('in'), { out: folder })).rejects.toThrow('would lie together')
  })

  it('sees through links', async () => {
    symlinkSync('in', at('in link'))
    symlinkSync(join('in', 'out'), at('out link'))
    for (const [input, out] of [
      ['in', 'in link'],
      ['in link', 'in'],
      ['in link/a', 'in'],
    ] as const)
      await expect(openSource(at(input), { out: at(out) })).rejects.toThrow('would lie together')
    const all = ['2.JPG', '10.jpg', 'a/2.JPG', 'link.jpg']
    expect(await keys(at('in'), { out: at('out link') })).toEqual(all)
    expect(await keys(at('in link'))).toEqual(all)
    writeFileSync(at('linked.txt'), `${at('in/out/y.jpg')}\n${at('out link/y.jpg')}\n`)
    expect((await list(at('linked.txt'), { root: folder, out: at('out link') })).map(({ problem }) => problem)).toEqual(
      Array(2).fill(expect.stringMatching(/lies in the output folder\.$/)),
    )
  })

  it.each([
    ['in/10.jpg', /is one picture; align it with: 3ddfa align/],
    ['gone', /^There is no folder or list /],
  ])('refuses %s', async (name, message) => {
    await expect(openSource(at(name), { out: at('out') })).rejects.toThrow(message)
  })

  it('says that the folder of a glob is not there', async () => {
    await expect(list(at('gone/*.jpg'))).rejects.toThrow(/^The folder .*gone cannot be read: no such file or folder\.$/)
  })

  const asRoot = process.getuid?.() === 0
  const reason = asRoot ? ' (skipped: root may read all)' : ''
  it.skipIf(asRoot)(`goes on after a folder that cannot be read, and says so${reason}`, async () => {
    mkdirSync(at('closed'))
    mkdirSync(at('closed/b'), { mode: 0 })
    writeFileSync(at('closed/a.jpg'), '')
    expect(await list(at('closed'))).toEqual([
      { key: 'a.jpg', input: at('closed/a.jpg') },
      { key: 'b/', input: at('closed/b'), problem: expect.stringMatching(/cannot be read: permission denied\.$/) },
    ])
  })

  // Other systems refuse such names.
  it.skipIf(process.platform !== 'linux')(
    'names each file whose name is not UTF-8, of a folder and of a list',
    async () => {
      const bytes = (name: string) => Buffer.from(at(name), 'utf8').subarray(0, Buffer.byteLength(folder))
      const raw = (name: string) => Buffer.concat([bytes(''), Buffer.from(`/odd/${name}`, 'latin1')])
      mkdirSync(at('odd'))
      for (const name of ['caf\xfe.jpg', 'caf\xff.jpg', 'ok.jpg', 'text\xff.txt']) writeFileSync(raw(name), '')
      mkdirSync(raw('sub\xfe'))
      writeFileSync(at('odd/\ufffd.jpg'), '')
      const problem = (name: string) => expect.stringContaining(`odd/${name} is not UTF-8; rename it.`)
      const [fe, ff] = ['caf\\xfe.jpg', 'caf\\xff.jpg']
      for (const ordered of [true, false]) {
        const found = (await list(at('odd'), { ordered })).sort((a, b) => (a.key < b.key ? -1 : 1))
        expect(found).toEqual([
          { key: fe, input: at(`odd/${fe}`), problem: problem(fe) },
          { key: ff, input: at(`odd/${ff}`), problem: problem(ff) },
          { key: 'ok.jpg', input: at('odd/ok.jpg') },
          { key: 'sub\\xfe/', input: at('odd/sub\\xfe'), problem: problem('sub\\xfe') },
          // A character as any other.
          { key: '\ufffd.jpg', input: at('odd/\ufffd.jpg') },
        ])
      }
      writeFileSync(at('odd.txt'), Buffer.concat([raw('caf\xfe.jpg'), Buffer.from('\n')]))
      expect(await list(at('odd.txt'), { root: at('odd') })).toMatchObject([
        { key: expect.stringContaining(fe), problem: problem(fe) },
      ])
    },
  )

  it('says which line is too long', async () => {
    writeFileSync(at('long.txt'), 'x'.repeat(70_000))
    await expect(list(at('long.txt'))).rejects.toThrow(/cannot be read as a list: a line is longer than 4096 bytes\.$/)
  })

  it('takes no other file for a list', async () => {
    writeFileSync(at('clip.mp4'), Buffer.from('\0\0\0 ftypisom\0\0\n'))
    await expect(list(at('clip.mp4'))).rejects.toThrow(
      /clip\.mp4 cannot be read as a list: a path holds no byte of 0\.$/,
    )
  })

  it.skipIf(process.platform === 'win32')('reads a list from a pipe, and ends while it waits for one', async () => {
    const pipe = at('pipe')
    execFileSync('mkfifo', [pipe])
    const reading = keys(pipe)
    spawn('sh', ['-c', 'printf "b.jpg\\na.jpg\\n" > "$0"', pipe])
    expect(await reading).toEqual(['b.jpg', 'a.jpg'])

    const stop = new AbortController()
    const source = await openSource(pipe, { out: at('in/out') })
    expect(source.countable).toBe(false)
    const waiting = source.files(stop.signal)[Symbol.asyncIterator]().next()
    setTimeout(() => stop.abort(), 20)
    expect((await waiting).done).toBe(true)
    // Stopped before it is asked: it does not begin to wait.
    expect((await source.files(stop.signal)[Symbol.asyncIterator]().next()).done).toBe(true)
  })
})
