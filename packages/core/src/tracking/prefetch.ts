/**
 * Runs `source` ahead of its reader by up to `depth` items, one at a time, and keeps their order. Errors come where the item would
 * have been. A reader that leaves waits for the item that is under way, for no other.
 */
export async function* prefetch<T>(source: AsyncIterator<T, void>, depth: number): AsyncGenerator<T, void> {
  const ahead: Promise<IteratorResult<T, void>>[] = []
  let last: Promise<unknown> = Promise.resolve()
  let isLeft = false
  // Not all at once: an async generator queues its calls, and its end behind them.
  const next = (): Promise<IteratorResult<T, void>> => {
    const item = last.then(() => (isLeft ? { done: true as const, value: undefined } : source.next()))
    // It is awaited later, maybe never: that is no unhandled rejection.
    last = item.catch(() => {})
    return item
  }
  try {
    while (true) {
      while (ahead.length <= depth) ahead.push(next())
      const item = await ahead.shift()!
      if (item.done) return
      yield item.value
    }
  } finally {
    isLeft = true
    await source.return?.()
  }
}
