import type * as fs from 'node:fs'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { EXIT } from '../errors.ts'
import { failure } from './answer.ts'
import { Journal } from './journal.ts'

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  return { ...real, writeSync: vi.fn(real.writeSync) }
})

const folder = mkdtempSync(join(tmpdir(), '3ddfa-journal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const done = (file: string) => JSON.stringify({ file, width: 1, height: 1, faces: [], timings: {}, outputs: {} })
let files = 0
const fresh = () => join(folder, `${files++}.jsonl`)

it('remembers what was done, failures too, whatever the names', async () => {
  const path = fresh()
  const names = ['a.jpg', 'sub/"quoted" \\ \u00e4.png', 'line\nfeed.png', ',"error":.png']
  const first = await Journal.open(path)
  expect(first.before).toEqual({ pictures: 0, failed: 0 })
  for (const name of names) first.append(done(name))
  first.append(failure('broken.jpg', 'It is broken.').line)
  first.close()
  const second = await Journal.open(path)
  expect(second.before).toEqual({ pictures: 5, failed: 1 })
  for (const name of [...names, 'broken.jpg']) expect(second.keys.add(name), name).toBe(false)
  expect(second.keys.add('new.jpg')).toBe(true)
  second.close()
})

it('removes a last line that was cut off, at whatever byte', async () => {
  const whole = `${done('a.jpg')}\n${failure('b \u00e4.jpg', 'why').line}\n`
  const last = Buffer.from(`${done('c \u00e4.jpg')}\n`)
  const path = fresh()
  for (let cut = 0; cut < last.length; cut++) {
    writeFileSync(path, whole)
    appendFileSync(path, last.subarray(0, cut))
    const journal = await Journal.open(path)
    expect(journal.before.pictures).toBe(2)
    expect(journal.keys.add('c \u00e4.jpg')).toBe(true)
    expect(readFileSync(path)).toEqual(Buffer.concat([Buffer.from(whole), last.subarray(0, cut)]))
    journal.begin()
    journal.append(done('d.jpg'))
    journal.close()
    expect(readFileSync(path, 'utf8')).toBe(`${whole}${done('d.jpg')}\n`)
  }
})

it('takes back the part of a line that a full disk had room for', async () => {
  const path = fresh()
  const journal = await Journal.open(path)
  journal.append(done('a.jpg'))
  vi.mocked(writeSync)
    .mockImplementationOnce((file) => {
      appendFileSync(file, '{"file":')
      return 8
    })
    .mockImplementationOnce(() => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    })
  expect(() => journal.append(done('b.jpg'))).toThrow('no space is left on the device; the same command goes on from')
  expect(readFileSync(path, 'utf8')).toBe(`${done('a.jpg')}\n`)
  journal.append(done('b.jpg'))
  journal.close()
  expect(readFileSync(path, 'utf8')).toBe(`${done('a.jpg')}\n${done('b.jpg')}\n`)
})

it('names a line that is damaged, whose picture is done again without it', async () => {
  const path = fresh()
  for (const damaged of [
    done('b.jpg').replace('"faces":[]', '"faces":[['),
    done('b.jpg').replace('"faces":[]', '\0'.repeat(10)),
    '{"file":"b.jpg","error":}',
  ]) {
    const text = `${done('a.jpg')}\n${damaged}\n${done('c.jpg')}\n`
    writeFileSync(path, text)
    await expect(Journal.open(path)).rejects.toMatchObject({
      exitCode: EXIT.usage,
      message: `${path}, line 2: the entry of "b.jpg" is damaged; take that line out, and the same command does the picture again.`,
    })
    expect(readFileSync(path, 'utf8')).toBe(text)
  }
  writeFileSync(path, '{"file":"\x1b","error":1}\n')
  await expect(Journal.open(path)).rejects.toThrow('line 1: the entry of "\x1b" is damaged')
})

it('touches no file that holds something else', async () => {
  const path = fresh()
  for (const text of [
    'hello\n',
    '{"a":1}\n',
    `${done('a.jpg').slice(0, -9)}\n${done('b.jpg')}\n`,
    `${done('a.jpg')}\n\n`,
    'precious notes without a line feed',
    '{"images":[1,2,3]}',
    `${done('a.jpg')}\r${done('b.jpg')}\rnotes`,
  ]) {
    writeFileSync(path, text)
    await expect(Journal.open(path)).rejects.toMatchObject({ exitCode: EXIT.usage })
    expect(readFileSync(path, 'utf8')).toBe(text)
  }
  await expect(Journal.open(folder)).rejects.toMatchObject({ exitCode: EXIT.usage })
})
