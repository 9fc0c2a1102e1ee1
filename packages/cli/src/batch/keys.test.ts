import { describe, expect, it } from 'vitest'
import { inShard, KeySet } from './keys.ts'

const keys = Array.from({ length: 5000 }, (_, i) => `folder ${i % 7}/picture ${i}.jpg`)

describe('inShard', () => {
  it.each([1, 2, 3, 7, 64])('puts each picture into exactly one of %d shards, of about the same size', (count) => {
    const sizes = new Array<number>(count).fill(0)
    for (const key of keys) {
      const owners = sizes.flatMap((_, i) => (inShard(key, { index: i + 1, count }) ? [i] : []))
      if (owners.length !== 1) expect.fail(`${key} is in ${owners.length} shards`)
      sizes[owners[0]!]!++
    }
    const mean = keys.length / count
    // Five standard deviations of a fair draw.
    for (const size of sizes) expect(Math.abs(size - mean)).toBeLessThan(5 * Math.sqrt(mean))
  })

  it('never changes: other machines and later versions must agree', () => {
    const owner = (key: string) => [1, 2, 3, 4, 5].find((index) => inShard(key, { index, count: 5 }))
    expect(['a.jpg', 'b.jpg', 'sub/a.jpg', '\u00e4.png', ''].map(owner)).toEqual(OWNERS)
  })
})

// From Python: int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], 'big') % 5 + 1
const OWNERS = [1, 5, 5, 3, 5]

describe('KeySet', () => {
  it('knows what was added, while it grows', () => {
    const set = new KeySet()
    expect(keys.filter((key) => set.add(key))).toHaveLength(keys.length)
    expect(keys.filter((key) => set.add(key))).toHaveLength(0)
    expect(set.size).toBe(keys.length)
    expect(set.add('another')).toBe(true)
  })
})
