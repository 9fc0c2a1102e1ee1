import { type Backend, FaceAligner, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createDetector, type DetectorName } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, openModelStore } from '@3ddfa/models/node'
import { createNativeBackend } from '@3ddfa/render-native'

export const BACKENDS: Readonly<Record<string, () => Backend>> = {
  native: createNativeBackend,
  reference: () => new ReferenceBackend(),
}

/** An aligner of the models on this machine. */
export async function openAligner(
  options: { backend?: string; detector?: DetectorName; model?: string; threads?: number } = {},
): Promise<FaceAligner> {
  const { backend: id = 'native', detector = 'faceboxes', model = 'mb05', threads = 1 } = options
  const store = openModelStore({ onWarning: (message) => console.error(`Warning: ${message}`) })
  const backend = BACKENDS[id]!()
  return FaceAligner.create({
    detector: createDetector(detector, await createNodeSession(await store.ensure(detector), { threads }), {
      resampler: backend,
    }),
    regressor: new SessionParamRegressor(await createNodeSession(await store.ensure(model), { threads }), model),
    model: await loadMorphableModel(store),
    backend,
  })
}
