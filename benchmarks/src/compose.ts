import { readFile } from 'node:fs/promises'
import { type Backend, FaceAligner, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createDetector, type DetectorName } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, openModelStore, readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { createNativeBackend } from '@3ddfa/render-native'

export const BACKENDS: Readonly<Record<string, () => Backend>> = {
  native: createNativeBackend,
  reference: () => new ReferenceBackend(),
}

/** An aligner of the models on this machine; `open` names the detector and the model of the open pack. */
export async function openAligner(
  options: { backend?: string; detector?: DetectorName; model?: string; threads?: number } = {},
): Promise<FaceAligner> {
  const { backend: id = 'native', detector = 'faceboxes', model = 'mb05', threads = 1 } = options
  const store = openModelStore({ onWarning: (message) => console.error(`Warning: ${message}`) })
  const backend = BACKENDS[id]!()
  const network = async (path: string) => createNodeSession(path, { threads })
  const isOpen = model === 'open'
  return FaceAligner.create({
    detector: createDetector(
      detector,
      await network(detector === 'open' ? detectorPath : await store.ensure(detector)),
      { resampler: backend },
    ),
    regressor: new SessionParamRegressor(await network(isOpen ? regressorPath : await store.ensure(model)), model),
    model: isOpen ? readMorphableModel(await readFile(facePath)) : await loadMorphableModel(store),
    backend,
  })
}
