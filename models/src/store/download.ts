import { createWriteStream } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { UpstreamFile, UpstreamSource } from '../manifest.ts'
import { exists, gitBlobId, makeFolder, sha256, writeAtomically } from './files.ts'
import { withLock } from './lock.ts'

export interface DownloadOptions {
  readonly fetch: typeof fetch
  /** Address of a pinned file. */
  readonly url: (source: UpstreamSource) => string
  /** Attempts after the first one. */
  readonly retries: number
  /** Gives up on a connection that brings nothing for so long, milliseconds. */
  readonly timeout: number
  /** Pause before the first retry, milliseconds; doubles each time. */
  readonly backoff: number
  /** Hears how a download goes: bytes so far, and in all where that is known. */
  readonly onProgress?: ((file: string, received: number, total: number | undefined) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** No attempt brought a file. */
export class DownloadError extends Error {
  override name = 'DownloadError'
}

export const DOWNLOAD_DEFAULTS = {
  url: ({ repository, commit, path }: UpstreamSource): string =>
    `https://raw.githubusercontent.com/${repository}/${commit}/${path}`,
  retries: 3,
  timeout: 20_000,
  backoff: 500,
} as const

/**
 * Brings a pinned file to `target`. What is there under that name is whole and verified: data first goes to `target.part`,
 * which a later call continues, is checked against size and git blob id, and only then gets its name. Two processes that
 * want the same file take turns.
 * @throws {DownloadError} when no attempt succeeds; the message names the reason of the last one, which is the `cause`.
 * @throws the reason of `signal`, and what `onProgress` throws, without another attempt.
 */
export async function download(file: UpstreamFile, target: string, options: DownloadOptions): Promise<void> {
  const { signal } = options
  await makeFolder(dirname(target))
  const attempts = async (): Promise<void> => {
    if (await exists(target)) return
    for (let attempt = 0; ; attempt++) {
      try {
        await transfer(file, `${target}.part`, options)
        await check(file, `${target}.part`)
        await rename(`${target}.part`, target)
        await rm(`${target}.part.etag`, { force: true })
        return
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof Callers) throw error.thrown
        if (attempt >= options.retries || error instanceof Permanent)
          throw new DownloadError(
            `${file.id} could not be downloaded from ${options.url(file.source!)}: ${reason(error)}`,
            { cause: error },
          )
      }
      await sleep(options.backoff * 2 ** attempt, undefined, { signal }).catch(() => signal!.throwIfAborted())
    }
  }
  await withLock(`${target}.lock`, attempts, signal)
}

/** What the caller's `onProgress` threw: no fault of the download's. */
class Callers {
  constructor(readonly thrown: unknown) {}
}

/** An answer that another attempt will not change. */
class Permanent extends Error {}

async function transfer(file: UpstreamFile, part: string, options: DownloadOptions): Promise<void> {
  const { have, etag } = await started(part)
  options.signal?.throwIfAborted()
  const abort = new AbortController()
  const giveUp = () => abort.abort()
  let timer = setTimeout(giveUp, options.timeout)
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(giveUp, options.timeout)
  }
  options.signal?.addEventListener('abort', giveUp)
  try {
    const headers: Record<string, string> =
      have > 0 ? { range: `bytes=${have}-`, ...(etag && { 'if-range': etag }) } : {}
    const response = await options.fetch(options.url(file.source!), { headers, signal: abort.signal })
    if (response.status === 416) await restart(part)
    if (response.status >= 400 && response.status < 500 && ![408, 416, 429].includes(response.status))
      throw new Permanent(`the server answered ${response.status}`)
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`)
    // A server that ignores the range sends the whole file again.
    const resumed = response.status === 206
    const length = Number(response.headers.get('content-length')) || undefined
    const total = file.bytes ?? (length && length + (resumed ? have : 0))
    const newEtag = response.headers.get('etag')
    if (newEtag && !newEtag.startsWith('W/')) await writeAtomically(`${part}.etag`, newEtag)
    const tell = (...progress: [number, number | undefined]) => {
      try {
        options.onProgress?.(file.id, ...progress)
      } catch (error) {
        throw new Callers(error)
      }
    }
    let received = resumed ? have : 0
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        alive()
        received += chunk.length
        if (file.bytes !== undefined && received > file.bytes)
          throw new Error(`more than the expected ${file.bytes} bytes came`)
        tell(received, total)
        controller.enqueue(chunk)
      },
    })
    await response.body
      .pipeThrough(counter)
      .pipeTo(Writable.toWeb(createWriteStream(part, { flags: resumed ? 'a' : 'w' })))
  } catch (error) {
    if (abort.signal.aborted) throw new Error(`nothing came for ${options.timeout / 1000} s`)
    throw error
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', giveUp)
  }
}

async function started(part: string): Promise<{ have: number; etag: string | undefined }> {
  const have = (await stat(part).catch(() => undefined))?.size ?? 0
  return { have, etag: await readFile(`${part}.etag`, 'utf8').catch(() => undefined) }
}

async function check(file: UpstreamFile, part: string): Promise<void> {
  const { size } = await stat(part)
  if (file.bytes !== undefined && size < file.bytes)
    throw new Error(`the connection ended after ${size} of ${file.bytes} bytes`)
  const blobId = await gitBlobId(part)
  if (blobId !== file.blobId) {
    await restart(part)
    throw new Error(`its content is not the pinned one (git blob ${blobId}, expected ${file.blobId})`)
  }
  if (file.sha256 !== undefined && (await sha256(part)) !== file.sha256) {
    await restart(part)
    throw new Error('its content has the pinned git blob id but another sha256')
  }
  const handle = await open(part, 'r+')
  await handle.sync()
  await handle.close()
}

async function restart(part: string): Promise<void> {
  await rm(part, { force: true })
  await rm(`${part}.etag`, { force: true })
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${error instanceof Error ? error.message : error}${cause}`
}
