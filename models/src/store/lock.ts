import { writeFileSync } from 'node:fs'
import { rm, stat, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeAtExit } from './at-exit.ts'
import { makeFolder } from './files.ts'

const HEARTBEAT = 2_000
/** A lock that nobody touched for this long belongs to a process that was killed. */
const STALE = 15_000

/**
 * Runs `body` while holding the lock file `path`: other processes that want the same wait for it. The holder touches the
 * file every two seconds, so that a killed holder's lock is taken over instead of waited for. `signal` ends the wait, not `body`.
 */
export async function withLock<T>(path: string, body: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const keep = await acquire(path, signal)
  const heartbeat = setInterval(() => utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT)
  heartbeat.unref()
  try {
    return await body()
  } finally {
    clearInterval(heartbeat)
    await rm(path, { force: true })
    keep()
  }
}

/** @returns keeps the file from being removed at exit. */
async function acquire(path: string, signal: AbortSignal | undefined): Promise<() => void> {
  await makeFolder(dirname(path))
  for (;;) {
    signal?.throwIfAborted()
    try {
      // At once, so that no exit comes between the two.
      writeFileSync(path, `${process.pid}\n`, { flag: 'wx' })
      return removeAtExit(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    // One at a time: of two that find it stale, the second would remove the new lock of the first.
    if (await isStale(path))
      await withLock(`${path}.stale`, async () => {
        if (await isStale(path)) await rm(path, { force: true })
      })
    else await sleep(100)
  }
}

async function isStale(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined)
  return info !== undefined && Date.now() - info.mtimeMs > STALE
}
