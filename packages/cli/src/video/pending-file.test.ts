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
  const text = new PendingText(path)
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
  const text = new PendingText(join(folder, 'b.jsonl'))
  text.write('line')
  text.discard()
  text.discard()
  expect(readdirSync(folder)).toEqual(['a.jsonl'])
  expect(() => new PendingText(join(folder, 'no', 'c'))).toThrow(/c cannot be written: no such file or folder\./)
})
