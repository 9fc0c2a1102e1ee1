import { createHash } from 'node:crypto'

/** One of `count` parts of all pictures; `index` counts from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/**
 * Whether a picture belongs to a shard. It depends on the picture's relative path alone (the upper 48 bits of its SHA-256,
 * modulo `count`), so shards can be worked on by machines that know nothing of each other.
 */
export function inShard(key: string, { index, count }: Shard): boolean {
  return digest(key).readUIntBE(0, 6) % count === index - 1
}

/**
 * A set that remembers 64 bits of a hash of each key: 11 to 22 bytes a key where a `Set` of paths takes hundreds. Of ten
 * million keys two are taken for the same with a probability of 3e-6.
 */
export class KeySet {
  #slots = new BigUint64Array(1024)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** @returns whether the key is new. */
  add(key: string): boolean {
    // Zero marks a free slot. Other bits than those that shards are made by: within a shard these are still spread evenly.
    const hash = digest(key).readBigUInt64LE(8) || 1n
    const slot = find(this.#slots, hash)
    if (this.#slots[slot] === hash) return false
    this.#slots[slot] = hash
    if (++this.#size > 0.75 * this.#slots.length) this.#grow()
    return true
  }

  #grow(): void {
    const larger = new BigUint64Array(2 * this.#slots.length)
    for (const hash of this.#slots) if (hash !== 0n) larger[find(larger, hash)] = hash
    this.#slots = larger
  }
}

/** The slot that holds the hash, or the free one where it belongs. */
function find(slots: BigUint64Array, hash: bigint): number {
  const mask = slots.length - 1
  let slot = Number(hash & 0x3fffffffn) & mask
  while (slots[slot] !== 0n && slots[slot] !== hash) slot = (slot + 1) & mask
  return slot
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
