import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { PendingText } from './pending-file.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa-pending-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('has its name only when it is whole', () => {
  const path = join(folder, 'a.jsonl')
  writeFileSync(path, 'old')
  const text = new PendingText(path, true)
  for (let i = 0; i < 20_000; i++) text.write(`line ${i}`)
  text.finish()
  expect(readFileSync(path, 'utf8')).toBe('old')
  text.commit()
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toEqual(
    Array.from({ length: 20_000 }, (_, i) => `line ${i}`),
  )
  text.discard()
  expect(existsSync(path)).toBe(true)
})

it('leaves nothing when given up, and says why it cannot be written', () => {
  const text = new PendingText(join(folder, 'b.jsonl'), false)
  text.write('line')
  text.discard()
  text.discard()
  expect(readdirSync(folder)).toEqual(['a.jsonl'])
  expect(() => new PendingText(join(folder, 'no', 'c'), false)).toThrow(/c cannot be written: no such file or folder\./)
})

it('does not replace what got its name meanwhile, unless told to', () => {
  const path = join(folder, 'c.jsonl')
  const taken = `${path} was made by someone else meanwhile, and is kept; --overwrite replaces it.`
  const [careful, bold] = [new PendingText(path, false), new PendingText(path, true)]
  for (const text of [careful, bold]) {
    text.write('ours')
    text.finish()
    text.check()
  }
  writeFileSync(path, 'theirs')
  expect(() => careful.check()).toThrow(taken)
  expect(() => careful.commit()).toThrow(taken)
  expect(readFileSync(path, 'utf8')).toBe('theirs')
  bold.check()
  bold.commit()
  expect(readFileSync(path, 'utf8')).toBe('ours\n')
  rmSync(path)
  careful.commit()
  expect(readFileSync(path, 'utf8')).toBe('ours\n')
  expect(readdirSync(folder)).toEqual(['a.jsonl', 'c.jsonl'])
})
