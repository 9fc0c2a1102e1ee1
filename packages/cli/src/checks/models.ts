import { checkModel } from '@3ddfa/core'
import type { ModelStore } from '@3ddfa/models/node'
import type { SourceFlags } from '../commands/source-options.ts'
import { createConsole } from '../console.ts'
import { openStore } from '../store.ts'
import { attempt, type Check } from './check.ts'

const NEEDED = ['mb05', 'faceboxes', 'bfm']

/** Each model is loaded and run on a black picture. */
export async function* checkModels(flags: SourceFlags): AsyncGenerator<Omit<Check, 'group'>> {
  const store = openStore(flags, createConsole({ quiet: true }), { offline: true })
  for (const { artifact, standIn, state } of await store.list()) {
    const needed = NEEDED.includes(artifact.id)
    yield attempt(artifact.id, needed, async () => {
      if (state !== 'ready') throw new Error(`${state}; bring it with: 3ddfa models pull ${artifact.id}`)
      const path = await store.path(artifact.id)
      const what =
        artifact.kind === 'morphable-model' ? await loadFaceModel(store, artifact.id) : await runNetwork(path)
      return standIn ? `${what}; made from a stand-in` : what
    })
  }
}

async function loadFaceModel(store: ModelStore, id: string): Promise<string> {
  const { loadMorphableModel } = await import('@3ddfa/models/node')
  const model = await loadMorphableModel(store, id)
  checkModel(model)
  return `loaded, ${model.vertexCount} vertices`
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
