import { expect, it } from 'vitest'
import { sideBySide } from './side-by-side.ts'

it('joins rows, left to right', () => {
  const a = { data: Uint8Array.from([1, 1, 1, 2, 2, 2]), width: 1, height: 2, channels: 3 as const }
  const b = { data: Uint8Array.from([3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6]), width: 2, height: 2, channels: 3 as const }
  const joined = sideBySide([a, b])
  expect(joined).toMatchObject({ width: 3, height: 2, channels: 3 })
  expect([...joined.data]).toEqual([1, 1, 1, 3, 3, 3, 4, 4, 4, 2, 2, 2, 5, 5, 5, 6, 6, 6])
})
