import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { removeTemporaries } from './temporaries.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa-temporaries-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('removes temporary files at any depth, and nothing else', async () => {
  mkdirSync(join(folder, 'a/.b'), { recursive: true })
  const keep = ['a/x.png', 'a/.3ddfa-0123.tmp', 'a/3ddfa-0123456789abcdef.tmp', 'a/.b/y.tmp']
  for (const name of [...keep, 'a/.3ddfa-0123456789abcdef.tmp', 'a/.b/.3ddfa-0123456789abcdef.tmp'])
    writeFileSync(join(folder, name), '')
  await removeTemporaries(folder)
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual([...keep, 'a', 'a/.b'].sort())
})
