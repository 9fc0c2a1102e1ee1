/** Wraps a pure function: keeps the results of the `capacity` keys that were asked for last. */
export function memoizeLru<K, V>(compute: (key: K) => V, capacity: number, keyOf: (key: K) => string): (key: K) => V {
  // A Map iterates in order of insertion: the first key is the one not used for longest.
  const entries = new Map<string, V>()
  return (key) => {
    const name = keyOf(key)
    const value = entries.get(name) ?? compute(key)
    entries.delete(name)
    entries.set(name, value)
    if (entries.size > capacity) entries.delete(entries.keys().next().value!)
    return value
  }
}
