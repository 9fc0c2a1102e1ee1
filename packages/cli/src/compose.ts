import { parse } from 'node:path'
import {
  type Backend,
  FaceAligner,
  type MorphableModel,
  pickBackend,
  type Session,
  SessionParamRegressor,
} from '@3ddfa/core'
import { createDetector, type DetectorName } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, type ModelStore } from '@3ddfa/models/node'
import { BACKENDS, type BackendId } from './backends.ts'
import type { Console } from './console.ts'
import { messageOf } from './errors.ts'
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

/** A named backend must work; `auto` says when it is not the fastest one. */
async function openBackend(wanted: AlignerChoice['backend'], console: Console): Promise<Backend> {
  if (wanted !== 'auto') return openNamedBackend(wanted)
  const { backend, failures } = await pickBackend(BACKENDS)
  for (const { id, reason } of failures) console.detail(`The mesh backend ${id} does not work here: ${reason}.`)
  if (backend.id !== BACKENDS[0]!.id)
    console.warn(
      `The ${BACKENDS[0]!.id} mesh backend does not work here (see 3ddfa doctor); ${backend.id} takes its place: same results, slower.`,
    )
  return backend
}

async function openNamedBackend(wanted: BackendId): Promise<Backend> {
  try {
    return await BACKENDS.find(({ id }) => id === wanted)!.create()
  } catch (error) {
    throw new Error(`The mesh backend ${wanted} does not work here: ${messageOf(error)}`, { cause: error })
  }
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
