import { readFile } from 'node:fs/promises'
import type { MorphableModel } from '@3ddfa/core'
import { readMorphableModel } from './import/read-morphable-model.ts'
import { readUvTopology, type UvModel } from './import/uv-topology.ts'
import type { ModelStore } from './store/model-store.ts'

export { readMorphableModel } from './import/read-morphable-model.ts'
export { exportForWeb, WEB_MODELS } from './store/export-for-web.ts'
export {
  type ArtifactRecord,
  type ArtifactStatus,
  ModelFolderError,
  ModelStore,
  ModelStoreError,
  type ModelStoreOptions,
  openModelStore,
  type Verification,
} from './store/model-store.ts'

export type { WebManifest, WebModel } from './web/web-manifest.ts'

/** The morphable model of a store, brought first when it is missing. */
export async function loadMorphableModel(store: ModelStore, id = 'bfm'): Promise<MorphableModel> {
  return readMorphableModel(await readFile(await store.ensure(id)))
}

/** PRNet's UV mesh and its map to the Basel model from a store, brought first when it is missing. */
export async function loadUvTopology(store: ModelStore, id = 'prnet-uv'): Promise<UvModel> {
  return readUvTopology(await readFile(await store.ensure(id)))
}
