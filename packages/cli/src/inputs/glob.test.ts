import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { glob as library } from 'tinyglobby'
import { afterAll, expect, it } from 'vitest'
import { parseGlob } from './glob.ts'
import { walk } from './walk.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa-glob-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const FILES = [
  'a.jpg',
  'b.jpg',
  'ab.png',
  'A.JPG',
  '.hidden.jpg',
  'x/a.jpg',
  'x/y/a.jpg',
  'x/y/z/b.png',
  'x/.git/a.jpg',
  'y/1.jpg',
  'y/12.jpg',
  'y/a+(b).jpg',
  'y/a]b.jpg',
  'y/a^b$.jpg',
]
for (const file of FILES) {
  mkdirSync(join(folder, dirname(file)), { recursive: true })
  writeFileSync(join(folder, file), '')
}

async function ours(pattern: string): Promise<string[]> {
  const { base, depth, hidden, matches } = parseGlob(pattern)
  const found: string[] = []
  for await (const { path } of walk(resolve(folder, base), { ordered: false, hidden, depth, skip: '' }))
    if (matches(path.replaceAll(sep, '/'))) found.push(base === '' ? path : `${base}/${path}`)
  return found.sort()
}

it.each([
  '*.jpg',
  '**/*.jpg',
  '**',
  'x/**',
  'x/**/a.jpg',
  'x/*/a.jpg',
  '?.jpg',
  'y/?.jpg',
  '[ab].jpg',
  '[!a].jpg',
  'y/[!-a].jpg',
  '[a-z]*.{jpg,png}',
  '{a,b}.jpg',
  '{x,y}/*.jpg',
  '{a,x/{a,y/a}}.jpg',
  '.*.jpg',
  '**/.git/*',
  'x/**/**/b.png',
  'y/a+*.jpg',
  'y/a^b$*',
  '*/*',
  '*.JPG',
  'none*',
])('%s finds what the library finds', async (pattern) => {
  const theirs = (await library(pattern, { cwd: folder, expandDirectories: false })).sort()
  expect(await ours(pattern)).toEqual(theirs)
  expect(theirs.length > 0).toBe(pattern !== 'none*')
})

it('takes the folder before the first wildcard, and no deeper than it must', () => {
  expect(parseGlob('/a/b/*.jpg')).toMatchObject({ base: '/a/b', depth: 0, hidden: false })
  expect(parseGlob('/*.jpg')).toMatchObject({ base: '/', depth: 0 })
  expect(parseGlob('a/*/c?.jpg')).toMatchObject({ base: 'a', depth: 1 })
  expect(parseGlob('a/**/c.jpg').depth).toBe(Number.POSITIVE_INFINITY)
})

it.each(['!(a).jpg', '+(a|b).png', '{1..3}.jpg'])('refuses %s, which it would read otherwise', (pattern) => {
  expect(() => parseGlob(pattern)).toThrow(/^Expected a glob of .* find/)
})

it('finds no slash by a range', () => {
  expect(parseGlob('x*[+-9]a.jpg').matches('x/a.jpg')).toBe(false)
})

it('refuses a range that falls', () => {
  expect(() => parseGlob('x/[z-a]*')).toThrow(/^Expected ranges that rise, .* received x\/\[z-a\]\*\.$/)
})

it('is not kept busy by braces that stand for the same, and refuses too many', () => {
  const { matches } = parseGlob(`${'{a,aa}'.repeat(40)}.jpg`)
  expect([39, 40, 80, 81].map((n) => matches(`${'a'.repeat(n)}.jpg`))).toEqual([false, true, true, false])
  expect(() => parseGlob('{a,b}'.repeat(14))).toThrow(/too many patterns\.$/)
})

it('is not kept busy by many stars', () => {
  const { matches } = parseGlob('gg/*a*a*a*a*a*a*a*b')
  expect([
    matches('a'.repeat(200)),
    matches(`${'a'.repeat(200)}b`),
    matches('xaxaxaxaxaxaxab'),
    matches('aaaaaab'),
  ]).toEqual([...[false, true, true, false]])
  expect(parseGlob('*ab*ab').matches('xabab')).toBe(true)
  expect(parseGlob('{*a*a*,*b*b*}.jpg').matches('bxb.jpg')).toBe(true)
})
