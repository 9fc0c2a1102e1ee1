import type { MorphableModel } from '@3ddfa/core'
import { openWebModelStore, PUBLISHED_DEFAULTS, readMorphableModel } from '@3ddfa/models/web'
import { detectorUrl, faceUrl, regressorUrl } from '@3ddfa/open-models'
import { fetchBytes } from './fetch-bytes.ts'
import type { ModelName, Progress, Settings } from './types.ts'

/** Names of the models that were exported beside the page. None when there is no list of them. */
export async function exportedModels(modelsUrl: string): Promise<string[]> {
  const store = openWebModelStore({ baseUrl: modelsUrl })
  return store.list().then(
    (models) => models.map(({ id }) => id),
    () => [],
  )
}

interface LoadOptions {
  readonly onProgress: (progress: Progress) => void
  readonly onWarning: (message: string) => void
  /** Ends what is being loaded. */
  readonly signal: AbortSignal
}

/** Loads what the settings name, from the models beside the page or from the open pack, which is part of the page. */
export class ModelSources {
  readonly #settings: Settings
  readonly #modelsUrl: string
  readonly #options: LoadOptions
  #store: ReturnType<typeof openWebModelStore> | undefined

  constructor(settings: Settings, modelsUrl: string, options: LoadOptions) {
    this.#settings = settings
    this.#modelsUrl = modelsUrl
    this.#options = options
  }

  /** Names the regressor in results. */
  get regressorId(): string {
    return this.#model === 'open' ? 'open' : PUBLISHED_DEFAULTS.regressor
  }

  get #model(): ModelName {
    return this.#settings.model
  }

  detector(): Promise<Uint8Array<ArrayBuffer>> {
    const { detector } = this.#settings
    return detector === 'open' ? this.#own('open detector', detectorUrl) : this.#exported(detector)
  }

  regressor(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#model === 'open'
      ? this.#own('open regressor', regressorUrl)
      : this.#exported(PUBLISHED_DEFAULTS.regressor)
  }

  async face(): Promise<MorphableModel> {
    const bytes = this.#model === 'open' ? this.#own('open face', faceUrl) : this.#exported(PUBLISHED_DEFAULTS.face)
    return readMorphableModel(await bytes)
  }

  #own(what: string, url: URL): Promise<Uint8Array<ArrayBuffer>> {
    const { onProgress, signal } = this.#options
    onProgress({ what, loaded: 0, total: 0, cached: false })
    return fetchBytes(url, (loaded, total) => onProgress({ what, loaded, total, cached: false }), signal)
  }

  #exported(id: string): Promise<Uint8Array<ArrayBuffer>> {
    const { onProgress, onWarning, signal } = this.#options
    this.#store ??= openWebModelStore({ baseUrl: this.#modelsUrl, onWarning })
    onProgress({ what: id, loaded: 0, total: 0, cached: false })
    return this.#store.load(id, {
      onProgress: ({ loaded, total, from }) => onProgress({ what: id, loaded, total, cached: from === 'cache' }),
      signal,
    })
  }
}
