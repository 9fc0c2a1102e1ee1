/**
 * Runs `source` ahead of its reader by up to `depth` items and keeps their order. Errors come where the item would have
 * been. `source` must take calls of `next` before the last one is done, as async generators do.
 */
export async function* prefetch<T>(source: AsyncIterator<T, void>, depth: number): AsyncGenerator<T, void> {
  const ahead: Promise<IteratorResult<T, void>>[] = []
  try {
    while (true) {
      while (ahead.length <= depth) {
        const item = source.next()
        // It is awaited later, maybe never: that is no unhandled rejection.
        item.catch(() => {})
        ahead.push(item)
      }
      const item = await ahead.shift()!
      if (item.done) return
      yield item.value
    }
  } finally {
    await source.return?.()
  }
}
