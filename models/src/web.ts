import type { MorphableModel } from '@3ddfa/core'
import { readMorphableModel } from './import/read-morphable-model.ts'
import { PUBLISHED_DEFAULTS } from './published-defaults.ts'
import type { LoadOptions, WebModelStore } from './web/web-model-store.ts'

export { FormatError } from './formats/reader.ts'
export { readMorphableModel } from './import/read-morphable-model.ts'
export { PUBLISHED_DEFAULTS } from './published-defaults.ts'
export type { LoadProgress } from './web/read-body.ts'
export type { WebManifest, WebModel } from './web/web-manifest.ts'
export { WebModelError } from './web/web-model-error.ts'
export {
  type LoadOptions,
  openWebModelStore,
  WebModelStore,
  type WebModelStoreOptions,
} from './web/web-model-store.ts'

/** The morphable model of a store. */
export async function loadMorphableModel(
  store: WebModelStore,
  id: string = PUBLISHED_DEFAULTS.face,
  options?: LoadOptions,
): Promise<MorphableModel> {
  return readMorphableModel(await store.load(id, options))
}
