import { expect, it } from 'vitest'
import { formatJson } from './report.ts'

it('formatJson puts lists of numbers or names on one line, and leaves strings as they are', () => {
  const value = { file: 'a [ 1 ].png', note: '["x",  2, [ 3 ] ]', box: [1, -2.5e-7], names: ['a', 'b_1'], none: [] }
  const text = formatJson(value)
  expect(JSON.parse(text)).toEqual(value)
  expect(text).toContain('"box": [1, -2.5e-7],')
  expect(text).toContain('"names": ["a", "b_1"],')
})
