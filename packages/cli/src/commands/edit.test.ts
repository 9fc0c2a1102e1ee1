import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../scripts/temporary-folder.mjs'
import { EXIT } from '../errors.ts'
import { edit } from './edit.ts'
import type { EditFlags } from './edit-command.ts'

const folder = temporaryFolder('edit')
const at = (name: string) => join(folder, name)

beforeAll(() => {
  mkdirSync(at('h'))
  mkdirSync(at('taken.png'))
  symlinkSync('h', at('hl'))
  // Whoever tried to read it would say something else.
  for (const name of ['e.png', 'other.png']) writeFileSync(at(join('h', name)), 'no picture')
})

/** What is said of these options, before anything is read. */
const refusal = async (flags: Partial<EditFlags>): Promise<unknown> => {
  const defaults = { amount: 1, face: 1, referenceFace: 1, blend: 'gradient', textureSize: 1024, out: at('new/x.png') }
  return edit(at('h/e.png'), { ...defaults, ...flags } as EditFlags).catch((error) => error)
}

it.each<[RegExp, Partial<EditFlags>]>([
  [/^--mask-base needs a --mask /, { swap: 'a.png', maskBase: 'b.png' }],
  [/^--feather needs another --blend than none/, { swap: 'a.png', feather: 3, blend: 'none' }],
  [/^--texture-size needs a --swap/, { texture: 'a.png', textureSize: 512 }],
  [/^--texture-size needs a --swap; an expression/, { expression: { jawOpen: 1 }, textureSize: 64 }],
  [/^--blend needs a --swap or --texture/, { expression: { jawOpen: 1 }, blend: 'none' }],
  [/^--amount needs an --expression-from/, { expression: { jawOpen: 1 }, amount: 2 }],
  [/^--amount needs an --expression-from/, { swap: 'a.png', amount: 0 }],
  [/^--reference-face needs a --swap or --expression-from/, { texture: 'a.png', referenceFace: 2 }],
  [/^--reference-face needs a --swap or --expression-from/, { expression: { jawOpen: 1 }, referenceFace: 2 }],
])('refuses what would change nothing: %s', async (message, flags) => {
  expect(await refusal(flags)).toMatchObject({ message: expect.stringMatching(message), exitCode: EXIT.usage })
})

it.each([
  ['a folder', 'taken.png', /is a folder; expected the name of a file\.$/, EXIT.usage],
  ['a name below a file', 'h/e.png/x.png', /cannot be written: a part of the path is not a folder\.$/, EXIT.someFailed],
  ['the input', 'hl/e.png', /is the input; give the output another name\.$/, EXIT.usage],
  ['the other picture', 'hl/other.png', /is the input; give the output another name\.$/, EXIT.usage],
])('refuses %s as --out before the work', async (_, out, message, exitCode) => {
  const error = await refusal({ out: at(out), swap: at('h/other.png') })
  expect(error).toMatchObject({ message: expect.stringMatching(message), exitCode })
})

it('makes no folder for the result of a picture that is not there', async () => {
  expect(await refusal({ swap: at('h/no.png') })).toMatchObject({
    message: `${at('h/no.png')} cannot be read: no such file or folder.`,
    exitCode: EXIT.someFailed,
  })
  expect(existsSync(at('new'))).toBe(false)
})
