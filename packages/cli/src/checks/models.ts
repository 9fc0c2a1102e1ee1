import { readFile } from 'node:fs/promises'
import { type ArtifactKind, readMorphableModel, readUvTopology } from '@3ddfa/models'
import { PUBLISHED_DEFAULTS } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import type { SourceFlags } from '../commands/source-options.ts'
import { createConsole } from '../console.ts'
import { damageOf, openStore } from '../store.ts'
import { attempt, type Check } from './check.ts'

/** Each model is loaded and run on a black picture. Needed are those that `auto` takes here. */
export async function* checkModels(flags: SourceFlags): AsyncGenerator<Omit<Check, 'group'>> {
  const store = openStore(flags, createConsole({ quiet: true }), { offline: true })
  const states = await store.list()
  const preferred: readonly string[] = Object.values(PUBLISHED_DEFAULTS)
  const published = states.every(({ artifact, state }) => state === 'ready' || !preferred.includes(artifact.id))
  yield attempt('open regressor', !published, () => runNetwork(regressorPath))
  yield attempt('open detector', !published, () => runNetwork(detectorPath))
  yield attempt('open face model', !published, () => loadFaceModel(facePath))
  for (const { artifact, note, state } of states) {
    yield attempt(artifact.id, published && preferred.includes(artifact.id), async () => {
      if (state !== 'ready') throw new Error(`${state}; ${store.howToGet([artifact.id])}`)
      const path = await store.path(artifact.id)
      const what = await tryModel(artifact.kind, path).catch(async (error) => {
        throw (await damageOf(path, store)) ?? error
      })
      return note === undefined ? what : `${what}; ${note}`
    })
  }
}

function tryModel(kind: ArtifactKind, path: string): Promise<string> {
  if (kind === 'morphable-model') return loadFaceModel(path)
  return kind === 'uv-topology' ? loadTopology(path) : runNetwork(path)
}

async function loadTopology(path: string): Promise<string> {
  return `loaded, ${readUvTopology(await readFile(path)).topology.cells.length} vertices`
}

async function loadFaceModel(path: string): Promise<string> {
  return `loaded, ${readMorphableModel(await readFile(path)).vertexCount} vertices`
}

async function runNetwork(path: string): Promise<string> {
  const { createNodeSession } = await import('@3ddfa/inference/node')
  const session = await createNodeSession(path)
  try {
    const [input] = session.inputs
    // A batch of one; 128 pixels where the network takes any size.
    const dims = input!.dims.map((dim, axis) => (dim > 0 ? dim : axis === 0 ? 1 : 128))
    const length = dims.reduce((product, dim) => product * dim, 1)
    const start = performance.now()
    await session.run({ [input!.name]: { type: 'uint8', data: new Uint8Array(length), dims } })
    return `ran in ${(performance.now() - start).toFixed(1)} ms`
  } finally {
    await session.dispose()
  }
}
