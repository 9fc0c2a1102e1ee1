/** As `Promise.all`, but waits for all: nothing is still under way when the first failure is reported. */
export async function settle<T extends readonly unknown[]>(promises: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const results = await Promise.allSettled(promises)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T
}

/** What has to be freed. */
interface Part {
  dispose(): void | Promise<void>
}

/** Remembers what is being opened. */
export type Keep = <T extends Part>(opening: Promise<T>) => Promise<T>

/**
 * Opens several parts and puts them together; when one cannot be had, or they do not fit, those that were kept are freed.
 * @param open does not end while something that it keeps is still being opened: see `settle`.
 */
export async function assemble<T>(open: (keep: Keep) => Promise<T>): Promise<T> {
  const kept: Part[] = []
  try {
    return await open(async (opening) => {
      const part = await opening
      kept.push(part)
      return part
    })
  } catch (error) {
    await Promise.allSettled(kept.map(async (part) => part.dispose()))
    throw error
  }
}
