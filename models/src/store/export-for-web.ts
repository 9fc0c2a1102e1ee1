import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactKind } from '../manifest.ts'
import { PUBLISHED_DEFAULTS } from '../published-defaults.ts'
import { compactMorphableModel } from '../web/compact-model.ts'
import { compactNetwork } from '../web/compact-network.ts'
import { parseWebManifest, WEB_MANIFEST, type WebManifest, type WebModel } from '../web/web-manifest.ts'
import { writeAtomically } from './files.ts'
import type { ModelStore } from './model-store.ts'
import { ModelStoreError } from './model-store-error.ts'

/**
 * Writes models for `openWebModelStore` into a folder: compact files named after their content and their list, which is written
 * last. Files of an earlier export that the list no longer names are removed.
 * @param ids {@link PUBLISHED_DEFAULTS} unless given; what is missing is brought first.
 * @throws {ModelStoreError} when a model cannot be had, or the folder's `models.json` is none of ours.
 */
export async function exportForWeb(
  store: ModelStore,
  folder: string,
  ids: readonly string[] = Object.values(PUBLISHED_DEFAULTS),
): Promise<WebManifest> {
  const before = await listedIn(folder)
  const models: WebModel[] = []
  for (const id of new Set(ids)) models.push(await exportModel(store, folder, id))
  const manifest: WebManifest = { version: 1, models }
  await writeAtomically(join(folder, WEB_MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  const kept = new Set(models.map(({ file }) => file))
  for (const name of before) if (!kept.has(name)) await rm(join(folder, name), { force: true })
  return manifest
}

/** Files of the list that an earlier export left: no others are ours. @throws {ModelStoreError} when it is not of an export. */
async function listedIn(folder: string): Promise<string[]> {
  const path = join(folder, WEB_MANIFEST)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (text === undefined) return []
  try {
    const { models } = parseWebManifest(text, WEB_MANIFEST)
    return models.map(({ file }) => file).filter((file) => /^[\w-]+\.[0-9a-f]{12}\.(onnx|safetensors)$/.test(file))
  } catch {
    throw new ModelStoreError(`${path} is not of an earlier export, and is kept; remove it or name another folder.`)
  }
}

async function exportModel(store: ModelStore, folder: string, id: string): Promise<WebModel> {
  const bytes = await readFile(await store.ensure(id))
  const { artifact, standIn, origin, note, licences } = (await store.list()).find(
    (status) => status.artifact.id === id,
  )!
  const compact = compactArtifact(artifact.kind, bytes)
  const sha256 = createHash('sha256').update(compact).digest('hex')
  const file = artifact.file.replace(/(\.\w+)$/, `.${sha256.slice(0, 12)}$1`)
  await writeAtomically(join(folder, file), compact)
  // Pages warn of notes; of a file that only a user can bring there is no other.
  const notes =
    standIn || origin === 'own' ? [`The model ${id} was ${note}: results may differ from the published model's.`] : []
  return { id, file, bytes: compact.length, sha256, licences, notes }
}

function compactArtifact(kind: ArtifactKind, bytes: Uint8Array): Uint8Array {
  switch (kind) {
    case 'morphable-model':
      return compactMorphableModel(bytes)
    case 'uv-topology':
      return bytes
    case 'regressor':
    case 'faceboxes':
    case 'ultraface':
    case 'yunet':
    case 'position-map':
      return compactNetwork(bytes)
  }
}
