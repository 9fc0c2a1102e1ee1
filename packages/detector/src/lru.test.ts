import { expect, it, vi } from 'vitest'
import { memoizeLru } from './lru.ts'

it('computes once while a key is in use and forgets the one not used for longest', () => {
  const compute = vi.fn((key: number) => key * 2)
  const get = memoizeLru(compute, 2, String)
  for (const key of [1, 2, 1, 3, 1]) expect(get(key)).toBe(key * 2)
  expect(compute.mock.calls.flat()).toEqual([1, 2, 3])
  get(2)
  expect(compute.mock.calls.flat()).toEqual([1, 2, 3, 2])
})
