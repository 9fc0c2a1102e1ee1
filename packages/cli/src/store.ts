import { type ModelStore, openModelStore } from '@3ddfa/models/node'
import type { SourceFlags } from './commands/source-options.ts'
import type { Console } from './console.ts'
import { CliError, EXIT, messageOf } from './errors.ts'

export interface StoreOptions {
  readonly offline?: boolean | undefined
  readonly onProgress?: (file: string, received: number, total: number | undefined) => void
}

/** The store that the options name. A warning is given once a run, however often a model is used in it. */
export function openStore({ from, cache }: SourceFlags, console: Console, options: StoreOptions = {}): ModelStore {
  const told = new Set<string>()
  return openModelStore({
    ...(from && { sources: from }),
    ...(cache !== undefined && { cacheDir: cache }),
    ...(options.offline && { offline: true }),
    ...(options.onProgress && { onProgress: options.onProgress }),
    onWarning(message) {
      if (!told.has(message)) console.warn(message)
      told.add(message)
    },
  })
}

/**
 * Path of a model that `align` needs. One that is missing is made from local folders where there are any, but never
 * downloaded: who asks for a picture has not asked for the network.
 * @param store opened offline
 * @throws {CliError} that names the command that brings it.
 */
export async function readyModel(store: ModelStore, id: string, console: Console): Promise<string> {
  const missing = await store.path(id).then(
    (path) => ({ path }),
    (error) => ({ error }),
  )
  if ('path' in missing) return missing.path
  try {
    await store.pull([id])
  } catch (error) {
    console.detail(`${id}: ${messageOf(error)}`)
    throw new CliError(`${messageOf(missing.error)}`, EXIT.usage)
  }
  console.info(`Made the model ${id} from local files.`)
  return store.path(id)
}
