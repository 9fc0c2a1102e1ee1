import { ModelFolderError, type ModelStore, openModelStore } from '@3ddfa/models/node'
import type { SourceFlags } from './commands/source-options.ts'
import type { Console } from './console.ts'
import { CliError, EXIT, messageOf } from './errors.ts'
import { statOrMissingSync } from './files.ts'

export interface StoreOptions {
  readonly offline?: boolean | undefined
  readonly onProgress?: (file: string, received: number, total: number | undefined) => void
}

/** @throws {CliError} for a name that is none. */
export function checkIds({ manifest }: ModelStore, ids: readonly string[]): void {
  const known = manifest.artifacts.map(({ id }) => id)
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined)
    throw new CliError(`There is no model ${JSON.stringify(unknown)}; known are: ${known.join(', ')}.`, EXIT.usage)
}

/** The store that the options name. @throws {CliError} when a folder that they name is not there. A warning is given once a run, however often a model is used in it. */
export function openStore({ from, cache }: SourceFlags, console: Console, options: StoreOptions = {}): ModelStore {
  for (const folder of from ?? [])
    if (!statOrMissingSync(folder)?.isDirectory())
      throw new CliError(`Expected a folder of models after --from but there is none at ${folder}.`, EXIT.usage)
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
 * Makes missing models from local folders where those have what it takes, but downloads none: who asks for a picture has not
 * asked for the network.
 * @param store opened offline
 * @returns those that are still missing.
 */
export async function bringModels(store: ModelStore, ids: readonly string[], console: Console): Promise<string[]> {
  const states = await store.list()
  const missing: string[] = []
  for (const { artifact, state, origin } of states.filter(({ artifact }) => ids.includes(artifact.id))) {
    if (state === 'ready') continue
    if (state === 'outdated' && origin !== 'published') {
      console.warn(`${artifact.id} was made from a file of yours by an older version; import it again.`)
      missing.push(artifact.id)
      continue
    }
    try {
      await store.pull([artifact.id])
      console.info(`Made the model ${artifact.id} from local files.`)
    } catch (error) {
      // The same for all of them, and no reason to look elsewhere for the files.
      if (error instanceof ModelFolderError && missing.length === 0) console.warn(messageOf(error))
      else console.detail(`${artifact.id}: ${messageOf(error)}`)
      missing.push(artifact.id)
    }
  }
  return missing
}

/**
 * Sees to it that the models are there, as `bringModels` does.
 * @throws {CliError} that names all that are missing and the command that brings them.
 */
export async function prepareModels(store: ModelStore, ids: readonly string[], console: Console): Promise<void> {
  const missing = await bringModels(store, ids, console)
  if (missing.length === 0) return
  const noun = missing.length === 1 ? 'This model is' : 'These models are'
  throw new CliError(
    `${noun} not here: ${missing.join(', ')}; ${store.howToGet(missing)} (kept in ${store.cacheDir})`,
    EXIT.usage,
  )
}

/** What to say of a file that could not be opened, where it is a model of the store that is not what it was. Only then is it hashed. */
export async function damageOf(path: string, store: ModelStore): Promise<CliError | undefined> {
  const model = (await store.list()).find((status) => status.path === path)
  const [found] = model ? await store.verify([model.artifact.id]) : []
  return found?.ok === false ? new CliError(`The model ${found.id} is ${found.message}.`, EXIT.usage) : undefined
}
