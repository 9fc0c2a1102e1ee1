import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonImage } from '@3ddfa/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import { outcomeOf, run, start } from './command.ts'
import { sandbox } from './sandbox.ts'

const photo = shared('images/trump_hillary.jpg')!
const photos = shared('images/aflw2000')!
const here = photo && photos && shared('standin') && shared('upstream')

const schemaFile = new URL('../../core/schema/align-result.json', import.meta.url)
const isValid = new Ajv2020().compile(JSON.parse(readFileSync(schemaFile, 'utf8')))

describe.skipIf(!here)(`3ddfa batch${here ? '' : ' (skipped: ../shared is not here)'}`, () => {
  const { folder, env } = sandbox()
  const at = (...names: string[]) => join(folder, ...names)
  const batch = (...args: string[]) => run(['batch', '--workers', '2', ...args], { env, cwd: folder })
  const begin = (...args: string[]) => start(['batch', '--workers', '2', ...args], { env, cwd: folder })

  beforeAll(async () => {
    expect(await run(['models', 'pull', '--offline'], { env })).toMatchObject({ code: 0 })
    // Eight pictures, six times: the same base names in several folders.
    for (const name of ['1', '2', '3', 'deep/4', 'deep/5', 'deep/er/6'])
      cpSync(photos, at('faces', name), { recursive: true })
  })

  /** The lines of a results file without their timings; only after a kill may the last be cut. */
  function results(out: string, end: 'whole' | 'cut' = 'whole'): JsonImage[] {
    const text = readFileSync(at(out, 'results.jsonl'), 'utf8')
    if (end === 'whole') expect(text.endsWith('\n') || text === '').toBe(true)
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const { timings: _, ...entry } = JSON.parse(line) as JsonImage
        return entry
      })
  }
  const names = (entries: readonly JsonImage[]) => entries.map(({ file }) => file)
  const asSet = (entries: readonly JsonImage[]) => entries.map((entry) => JSON.stringify(entry)).sort()

  /** All files below a folder but the results, with a hash of each. */
  function files(out: string): Record<string, string> {
    const all = readdirSync(at(out), { recursive: true, encoding: 'utf8' }).sort()
    const hash = (name: string) =>
      createHash('sha1')
        .update(readFileSync(at(out, name)))
        .digest('hex')
    const kept = all.filter((name) => name !== 'results.jsonl' && statSync(at(out, name)).isFile())
    return Object.fromEntries(kept.map((name) => [name, hash(name)]))
  }

  it('writes a valid entry a picture and the outputs in the same folders; then there is nothing left to do', async () => {
    const { code, stdout, stderr } = await batch('faces', '--out', 'plain', '-o', '2d_sparse,ply')
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^48 pictures, 48 faces, [\d.]+ s$/m)
    const entries = results('plain')
    const { models, backend, root } = JSON.parse(readFileSync(at('plain', 'batch.json'), 'utf8'))
    expect(root).toBe(at('faces'))
    const document = { schema: '3ddfa.align', version: 1, models, backend, images: entries }
    expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true)
    expect(entries.find(({ file }) => file === 'deep/er/6/image00050.jpg')!.outputs).toEqual({
      '2d_sparse': ['deep/er/6/image00050.jpg_2d_sparse.png'],
      ply: ['deep/er/6/image00050.jpg_ply.ply'],
    })
    expect(new Set(entries.flatMap(({ outputs }) => Object.values(outputs!).flat())).size).toBe(96)
    expect(Object.keys(files('plain'))).toHaveLength(97)

    const before = readFileSync(at('plain', 'results.jsonl'))
    const again = await batch('faces', '--out', 'plain', '-o', '2d_sparse,ply')
    expect(again.code).toBe(0)
    expect(again.stderr).toMatch(/^0 pictures, 0 faces, [\d.]+ s; 48 done before$/m)
    expect(readFileSync(at('plain', 'results.jsonl')).equals(before)).toBe(true)
  })

  it('gives what align gives', async () => {
    const { stdout } = await run(['align', at('faces/1'), '--json'], { env })
    const single = (JSON.parse(stdout).images as JsonImage[]).map(({ faces }) => faces)
    const many = results('plain').filter(({ file }) => file.startsWith('1/'))
    expect(many.toSorted((a, b) => (a.file < b.file ? -1 : 1)).map(({ faces }) => faces)).toEqual(single)
  })

  describe('killed at random moments and run again', () => {
    const count = (out: string) => (existsSync(at(out, 'results.jsonl')) ? results(out, 'cut').length : 0)

    /** Runs a list that does not end, so that the run cannot either, and kills it when it has done some pictures more. */
    async function kill(out: string, list: readonly string[], options: readonly string[]): Promise<void> {
      const before = count(out)
      const child = begin('-', '--root', 'faces', '--out', out, '-q', ...options)
      const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
      child.stdin.on('error', () => {}).write(list.map((file) => `faces/${file}\n`).join(''))
      const more = 1 + Math.floor(Math.random() * 4)
      while (count(out) < before + more && child.exitCode === null) await sleep(2)
      // Anywhere in the next ones.
      await sleep(Math.random() * 30)
      child.kill('SIGKILL')
      expect(await ended).toBe('SIGKILL')
      expect(count(out)).toBeGreaterThanOrEqual(before + more)
    }

    it.each([
      ['as they are done', []],
      ['in order', ['--ordered']],
    ])('five times: the same results and files as in one go, %s', { timeout: 300_000 }, async (kind, extra) => {
      const options = ['-o', '2d_sparse,ply', ...extra]
      const [whole, torn] = [`whole ${kind}`, `torn ${kind}`]
      expect(await batch('faces', '--out', whole, ...options)).toMatchObject({ code: 0 })
      const list = names(results(whole))
      /** When the files of pictures that have a line were written. */
      const written = new Map<string, bigint>()
      const stamp = (file: string) => statSync(at(torn, file), { bigint: true }).mtimeNs
      // The list grows by eight of the 48 each time: however quick the machine, there is something to do, and then some left.
      for (let begun = 8; begun <= 40; begun += 8) {
        await kill(torn, list.slice(0, begun), options)
        const done = results(torn, 'cut')
        expect(done.length).toBeLessThanOrEqual(begun)
        for (const file of done.flatMap(({ outputs }) => Object.values(outputs!).flat()))
          if (!written.has(file)) written.set(file, stamp(file))
      }
      // What a kill in the middle of a write leaves behind, whether or not one of these hit it.
      appendFileSync(at(torn, 'results.jsonl'), '{"file":"1/image0')
      mkdirSync(at(torn, '1'), { recursive: true })
      writeFileSync(at(torn, '1', '.3ddfa-0123456789abcdef.tmp'), 'half a pict')

      expect(await batch('faces', '--out', torn, ...options)).toMatchObject({ code: 0 })
      if (kind === 'in order') expect(results(torn)).toEqual(results(whole))
      else expect(asSet(results(torn))).toEqual(asSet(results(whole)))
      expect(files(torn)).toEqual(files(whole))
      for (const [file, time] of written) expect(stamp(file), `${file} was done twice`).toBe(time)
    })
  })

  it('on Ctrl-C finishes what is begun, leaves nothing behind, and goes on later', async () => {
    const args = ['batch', 'faces', '--out', 'stopped', '-o', 'obj', '-v', '--workers', '2']
    const { code, stderr } = await run(args, { env, cwd: folder, interruptAfter: /image\d+\.jpg: 1 face/ })
    expect(code).toBe(130)
    expect(stderr).toMatch(/^Finishing the pictures that are begun; once more ends at once\.$/m)
    expect(stderr).toContain('The same command goes on from here.\n')
    const done = results('stopped').length
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(48)
    expect(Object.keys(files('stopped'))).toHaveLength(done + 1)
    expect(await batch('faces', '--out', 'stopped', '-o', 'obj')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`; ${done} done before\n`),
    })
    expect(asSet(results('stopped').map(({ outputs: _, ...rest }) => rest))).toEqual(
      asSet(results('plain').map(({ outputs: _, ...rest }) => rest)),
    )
  })

  it('is done in shards without overlap, from a folder, a glob or a list', { timeout: 180_000 }, async () => {
    const whole = asSet(results('plain').map((entry) => ({ ...entry, outputs: {} })))
    writeFileSync(
      at('list.txt'),
      names(results('plain'))
        .map((file) => `faces/${file}\n`)
        .join(''),
    )
    const sources = [['faces'], ['faces/**/*.jpg'], ['list.txt', '--root', 'faces']]
    const parts: JsonImage[][] = []
    for (const [i, source] of sources.entries()) {
      const out = `part ${i + 1}`
      expect(await batch(...source, '--out', out, '--shard', `${i + 1}/3`)).toMatchObject({ code: 0 })
      parts.push(results(out))
      expect(parts[i]!.length).toBeGreaterThan(0)
    }
    expect(asSet(parts.flat())).toEqual(whole)
  })

  it('keeps the order of a list with --ordered, and does a picture that is named twice once', async () => {
    const order = ['faces/3/image02420.jpg', 'gone.jpg', 'faces/1/image00050.jpg', 'faces/2/image00251.jpg']
    const list = [...order, order[0], `./${order[2]}`].join('\n')
    const child = begin('-', '--ordered', '--out', 'listed', '-q')
    child.stdin.end(list)
    expect(await outcomeOf(child)).toMatchObject({ code: 1 })
    expect(names(results('listed'))).toEqual(order)
    expect(results('listed')[1]!.error).toBe('gone.jpg cannot be read: no such file or folder.')
  })

  it('goes on after what cannot be read, says each, and counts them; also the next time', async () => {
    mkdirSync(at('mixed', 'empty'), { recursive: true })
    copyFileSync(photo, at('mixed', 'good one \u00fc.jpg'))
    writeFileSync(at('mixed', 'broken.jpg'), readFileSync(photo).subarray(0, 60_000))
    writeFileSync(at('mixed', 'text.png'), 'text')
    writeFileSync(at('mixed', 'notes.txt'), 'not a picture by its name')
    symlinkSync('nowhere.jpg', at('mixed', 'dangling.jpg'))
    copyFileSync(photo, at('mixed', 'locked.jpg'))
    chmodSync(at('mixed', 'locked.jpg'), 0)
    // Whoever may read everything (root) reads it.
    const locked = process.getuid?.() === 0 ? 0 : 1
    const args = ['mixed', '--out', 'mixed out', '--ordered', '-o', '2d_sparse']
    const { code, stderr } = await batch(...args)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Error: mixed\/broken\.jpg is damaged or of an unsupported kind: .+\.$/m)
    expect(stderr).toContain('Error: mixed/text.png is not a readable picture (JPEG, PNG, WebP, GIF, TIFF or AVIF).\n')
    expect(stderr).toContain('Error: mixed/dangling.jpg cannot be read: no such file or folder.\n')
    if (locked) expect(stderr).toContain('Error: mixed/locked.jpg cannot be read: permission denied.\n')
    expect(stderr).toMatch(new RegExp(`^${2 - locked} pictures?, ${4 - 2 * locked} faces, ${3 + locked} failed, `, 'm'))
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(names(results('mixed out'))).toEqual([
      'broken.jpg',
      'dangling.jpg',
      'good one \u00fc.jpg',
      'locked.jpg',
      'text.png',
    ])
    const again = await batch(...args)
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`done before, ${3 + locked} of them failed`),
    })
  })

  it('keeps a second run out of the folder while the first is at work', async () => {
    const first = begin('-', '--out', 'busy', '-q')
    first.stdin.write('faces/1/image00050.jpg\n')
    while (!existsSync(at('busy', 'results.jsonl')) || results('busy').length === 0) await sleep(10)
    const second = await batch('faces', '--out', 'busy')
    expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining(`(process ${first.pid} on `) })
    first.stdin.end()
    expect(await outcomeOf(first)).toMatchObject({ code: 0 })
    expect(Object.keys(files('busy'))).toEqual(['batch.json'])
  })

  it('takes 2,000 pictures without holding on to memory', { timeout: 300_000 }, async () => {
    await tinyPictures(at('tiny'), 2000)
    const child = begin('tiny', '--out', 'tiny out', '-q')
    const samples: { done: number; mebibytes: number }[] = []
    const sampling = setInterval(() => samples.push(sample(child, at('tiny out', 'results.jsonl'))), 100)
    expect(await outcomeOf(child)).toMatchObject({ code: 0 })
    clearInterval(sampling)
    expect(new Set(names(results('tiny out'))).size).toBe(2000)
    if (process.platform !== 'linux') return
    const peak = (from: number, to: number) =>
      Math.max(...samples.flatMap(({ done, mebibytes }) => (done >= from && done < to ? [mebibytes] : [])))
    const [early, late] = [peak(300, 1000), peak(1000, 2001)]
    console.log(`3ddfa batch, 2,000 pictures: at most ${early} MiB up to the 1,000th, ${late} MiB after it`)
    // Measured: 274 and 276 MiB. What holds on to 30 KiB a picture is found out.
    expect(late - early).toBeLessThan(30)
  })

  describe('fails with one sentence and exit code 2', () => {
    it.each<[string, string[], RegExp]>([
      ['no --out', ['faces'], /required option '--out <dir>' not specified/],
      ['a shard that is none', ['faces', '--out', 'never', '--shard', '4/3'], /Expected i\/n with i from 1 to n/],
      ['no worker', ['faces', '--out', 'never', '--workers', '0'], /Expected a whole number from 1 to 64/],
      ['one picture', [photo, '--out', 'never'], /is one picture; align it with: 3ddfa align /],
      ['nothing', ['gone', '--out', 'never'], /^Error: There is no folder or list gone\.$/m],
      ['outputs among inputs', ['faces', '--out', 'faces'], /would lie together/],
      ['outputs among inputs by a link', ['faces', '--out', 'faces link'], /would lie together/],
      ['an empty folder', ['nobody', '--out', 'nothing'], /^Error: There is no picture in the folder nobody\.$/m],
      ['other options than before', ['faces', '--out', 'plain'], /outputs was \["2d_sparse","ply"\] and is null/],
      ['a missing model', ['faces', '--out', 'missing', '--model', 'mb1'], /3ddfa models pull mb1/],
    ])('%s', async (_, args, sentence) => {
      mkdirSync(at('nobody'), { recursive: true })
      if (!existsSync(at('faces link'))) symlinkSync('faces', at('faces link'))
      const { code, stdout, stderr } = await batch(...args)
      expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(sentence)
      expect(stderr).not.toMatch(/^\s+at /m)
      expect(existsSync(at('never'))).toBe(false)
    })
  })
})

/** Generated pictures of 16 x 16 pixels, in folders of 50. */
async function tinyPictures(folder: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    mkdirSync(join(folder, `${i % 40}`), { recursive: true })
    const background = { r: i % 256, g: (i >> 3) % 256, b: 90 }
    const png = sharp({ create: { width: 16, height: 16, channels: 3, background } }).png()
    writeFileSync(join(folder, `${i % 40}`, `${i}.png`), await png.toBuffer())
  }
}

/** How many results there are, and how much memory the process has. */
function sample({ pid }: ChildProcess, path: string): { done: number; mebibytes: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)![1])
    const done = readFileSync(path, 'latin1').split('\n').length - 1
    return { done, mebibytes: Math.round(kibibytes / 1024) }
  } catch {
    return { done: 0, mebibytes: 0 }
  }
}
