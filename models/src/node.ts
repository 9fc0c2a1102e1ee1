import { readFile } from 'node:fs/promises'
import type { MorphableModel } from '@3ddfa/core'
import { readMorphableModel } from './import/read-morphable-model.ts'
import { readUvTopology, type UvModel } from './import/uv-topology.ts'
import { PUBLISHED_DEFAULTS } from './published-defaults.ts'
import type { BringOptions, ModelStore } from './store/model-store.ts'
import { ModelStoreError } from './store/model-store-error.ts'

export { FormatError } from './formats/reader.ts'
export { readMorphableModel } from './import/read-morphable-model.ts'
export { PUBLISHED_DEFAULTS } from './published-defaults.ts'
export type { ArtifactRecord } from './store/artifact-record.ts'
export { exportForWeb } from './store/export-for-web.ts'
export {
  type ArtifactStatus,
  type BringOptions,
  ModelStore,
  type ModelStoreOptions,
  openModelStore,
  type Verification,
} from './store/model-store.ts'
export { ModelFolderError, ModelStoreError } from './store/model-store-error.ts'
export type { Origin } from './store/origin.ts'
export type { WebManifest, WebModel } from './web/web-manifest.ts'

/** The morphable model of a store, brought first when it is missing. @throws {ModelStoreError} also when it is damaged. */
export async function loadMorphableModel(
  store: ModelStore,
  id: string = PUBLISHED_DEFAULTS.face,
  options?: BringOptions,
): Promise<MorphableModel> {
  return load(store, id, options, readMorphableModel)
}

/**
 * PRNet's UV mesh and its map to the Basel model from a store, brought first when it is missing.
 * @throws {ModelStoreError} also when it is damaged.
 */
export async function loadUvTopology(store: ModelStore, id = 'prnet-uv', options?: BringOptions): Promise<UvModel> {
  return load(store, id, options, readUvTopology)
}

async function load<T>(
  store: ModelStore,
  id: string,
  options: BringOptions | undefined,
  read: (bytes: Uint8Array) => T,
): Promise<T> {
  const bytes = await readFile(await store.ensure(id, options))
  try {
    return read(bytes)
  } catch (error) {
    // Hashed only now: what is read without a fault is not waited for.
    const [found] = await store.verify([id])
    throw found?.ok === false ? new ModelStoreError(`The model ${id} is ${found.message}.`, { cause: error }) : error
  }
}
