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

export interface AlignerOptions {
  readonly backend?: string
  readonly detector?: DetectorName
  readonly model?: string
  readonly threads?: number
  /** The published networks in 8 bits; the detector is FaceBoxes then. */
  readonly int8?: boolean
  /** Side that pictures are scaled down to for FaceBoxes and the open detector. */
  readonly detectSize?: number
}

/** An aligner of the models on this machine; `open` names the detector and the model of the open pack. */
export async function openAligner(options: AlignerOptions = {}): Promise<FaceAligner> {
  const { backend: id = 'native', detector = 'faceboxes', threads = 1, int8 = false, detectSize } = options
  const model = options.model ?? (int8 ? 'mb05-int8' : 'mb05')
  const store = openModelStore({ onWarning: (message) => console.error(`Warning: ${message}`) })
  const backend = BACKENDS[id]!()
  const network = async (path: string) => createNodeSession(path, { threads })
  const isOpen = model === 'open'
  const stored = int8 ? `${detector}-int8` : detector
  return FaceAligner.create({
    detector: createDetector(detector, await network(detector === 'open' ? detectorPath : await store.ensure(stored)), {
      resampler: backend,
      ...(detectSize !== undefined && { maxWidth: detectSize, maxHeight: detectSize, maxSize: detectSize }),
    }),
    regressor: new SessionParamRegressor(await network(isOpen ? regressorPath : await store.ensure(model)), model),
    model: isOpen ? readMorphableModel(await readFile(facePath)) : await loadMorphableModel(store),
    backend,
  })
}
