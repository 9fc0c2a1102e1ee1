import { parse } from 'node:path'
import { type Backend, FaceAligner, type MorphableModel, type Session, SessionParamRegressor } from '@3ddfa/core'
import { createDetector, type DetectorName } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, type ModelStore } from '@3ddfa/models/node'
import { type BackendId, openBackend } from './backends.ts'
import type { Console } from './console.ts'
import { settle } from './settle.ts'
import { prepareModels } from './store.ts'

export interface AlignerChoice {
  /** `auto` takes the fastest that works here. */
  readonly backend: 'auto' | BackendId
  readonly detector: DetectorName
  /** Name of a regressor in the store, or the path of an .onnx or .pth file. */
  readonly model: string
  readonly threads?: number | undefined
}

/**
 * Puts an aligner together: backend, detector, regressor and morphable model, all loaded at the same time.
 * @throws {CliError} when a part is missing or does not work here.
 */
export async function openAligner(choice: AlignerChoice, store: ModelStore, console: Console): Promise<FaceAligner> {
  const { threads } = choice
  await prepareModels(store, [choice.detector, choice.model, 'bfm'], console)
  const [backend, detectorSession, regressor, model] = await settle<
    [Backend, Session, SessionParamRegressor, MorphableModel]
  >([
    openBackend(choice.backend, console),
    store.path(choice.detector).then((path) => createNodeSession(path, { threads })),
    openRegressor(choice, store),
    loadMorphableModel(store),
  ])
  const detector = createDetector(choice.detector, detectorSession, { resampler: backend })
  return FaceAligner.create({ backend, detector, regressor, model })
}

async function openRegressor({ model, threads }: AlignerChoice, store: ModelStore): Promise<SessionParamRegressor> {
  const session = await createNodeSession(await regressorPath(model, store), { threads })
  try {
    return new SessionParamRegressor(session, parse(model).name)
  } catch (error) {
    await session.dispose()
    throw error
  }
}

async function regressorPath(model: string, store: ModelStore): Promise<string> {
  if (model.endsWith('.onnx')) return model
  return /\.(pth|tar)$/.test(model) ? store.importCheckpoint(model) : store.path(model)
}
