export interface EachOptions {
  /** Items that are begun and not yet recorded, at most. */
  readonly limit: number
  /** Record in the order of the items rather than as they are done. */
  readonly ordered: boolean
}

/**
 * Works on several items at a time and records each result as soon as it may be. Takes the next item only when there is
 * room, so neither items nor results pile up. After a failure of `work`, `record` or the items nothing new is begun; what was
 * begun is waited for, then the first failure is thrown.
 */
export async function forEachOf<Item, Result>(
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  record: (result: Result) => void,
  { limit, ordered }: EachOptions,
): Promise<void> {
  const pending = new Set<Promise<void>>()
  const failures: unknown[] = []
  let last: Promise<unknown> = Promise.resolve()
  try {
    for await (const item of items) {
      const result = work(item)
      const recorded = ordered ? Promise.all([result, last]).then(([value]) => record(value)) : result.then(record)
      last = recorded
      // In order, a failure before it ends `recorded` while the work is still under way.
      const settled: Promise<void> = Promise.allSettled([recorded, result]).then(([outcome]) => {
        if (outcome.status === 'rejected') failures.push(outcome.reason)
        pending.delete(settled)
      })
      pending.add(settled)
      if (pending.size >= limit) await Promise.race(pending)
      if (failures.length > 0) break
    }
  } catch (error) {
    failures.push(error)
  }
  await Promise.all(pending)
  if (failures.length > 0) throw failures[0]
}
