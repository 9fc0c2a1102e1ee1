import { readFile } from 'node:fs/promises'
import { parse } from 'node:path'
import { type Backend, FaceAligner, type MorphableModel, type Session, SessionParamRegressor } from '@3ddfa/core'
import { createDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, type ModelStore, readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { type BackendId, openBackend } from './backends.ts'
import type { Console } from './console.ts'
import { type ModelChoice, OPEN_MODEL, settleModels } from './model-choice.ts'
import { settle } from './settle.ts'

export interface AlignerChoice extends ModelChoice {
  /** `auto` takes the fastest that works here. */
  readonly backend: 'auto' | BackendId
  readonly threads?: number | undefined
}

/**
 * Puts an aligner together: backend, detector, regressor and morphable model, all loaded at the same time.
 * @throws {CliError} when a part is missing or does not work here.
 */
export async function openAligner(choice: AlignerChoice, store: ModelStore, console: Console): Promise<FaceAligner> {
  const { threads } = choice
  const chosen = await settleModels(choice, store, console)
  const [backend, detectorSession, regressor, model] = await settle<
    [Backend, Session, SessionParamRegressor, MorphableModel]
  >([
    openBackend(choice.backend, console),
    findDetector(chosen.detector, store).then((path) => createNodeSession(path, { threads })),
    openRegressor(chosen.model, store, threads),
    openFace(chosen.model, store),
  ])
  const detector = createDetector(chosen.detector, detectorSession, { resampler: backend })
  return FaceAligner.create({ backend, detector, regressor, model })
}

async function openRegressor(
  model: string,
  store: ModelStore,
  threads: number | undefined,
): Promise<SessionParamRegressor> {
  const session = await createNodeSession(await findRegressor(model, store), { threads })
  try {
    return new SessionParamRegressor(session, parse(model).name)
  } catch (error) {
    await session.dispose()
    throw error
  }
}

async function openFace(model: string, store: ModelStore): Promise<MorphableModel> {
  return model === OPEN_MODEL ? readMorphableModel(await readFile(facePath)) : loadMorphableModel(store)
}

async function findDetector(name: string, store: ModelStore): Promise<string> {
  return name === OPEN_MODEL ? detectorPath : store.path(name)
}

async function findRegressor(model: string, store: ModelStore): Promise<string> {
  if (model === OPEN_MODEL) return regressorPath
  if (model.endsWith('.onnx')) return model
  return /\.(pth|tar)$/.test(model) ? store.importCheckpoint(model) : store.path(model)
}
