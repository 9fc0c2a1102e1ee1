import { expect, it } from 'vitest'
import { readLines } from './lines.ts'

async function split(chunks: readonly string[], limit = 100): Promise<[string, boolean][]> {
  async function* stream() {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  const lines: [string, boolean][] = []
  for await (const { bytes, ended } of readLines(stream(), limit)) lines.push([bytes.toString(), ended])
  return lines
}

it.each<[string[], [string, boolean][]]>([
  [[], []],
  [
    ['a\nb\n'],
    [
      ['a', true],
      ['b', true],
    ],
  ],
  [
    ['a', 'b', '\nc', 'd'],
    [
      ['ab', true],
      ['cd', false],
    ],
  ],
  [
    ['\n\n', 'x\n'],
    [
      ['', true],
      ['', true],
      ['x', true],
    ],
  ],
  [['\u00e4'], [['\u00e4', false]]],
])('splits %j', async (chunks, lines) => {
  expect(await split(chunks)).toEqual(lines)
})

it('puts bytes of a character together again that came in two chunks', async () => {
  const bytes = Buffer.from('\u00e4\n')
  async function* stream() {
    yield bytes.subarray(0, 1)
    yield bytes.subarray(1)
  }
  for await (const line of readLines(stream(), 9)) expect(line.bytes.toString()).toBe('\u00e4')
})

it('refuses a line beyond the limit, ended or not', async () => {
  await expect(split(['abcd\n'], 4)).resolves.toHaveLength(1)
  await expect(split(['abcde\n'], 4)).rejects.toThrow('a line is longer than 4 bytes')
  await expect(split(['abc', 'de'], 4)).rejects.toThrow(RangeError)
})
