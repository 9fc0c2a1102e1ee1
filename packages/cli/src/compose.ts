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
import { CliError, EXIT, messageOf } from './errors.ts'
import { settle } from './settle.ts'
import { readyModel } from './store.ts'

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
  const [backend, detectorSession, regressor, model] = await settle<
    [Backend, Session, SessionParamRegressor, MorphableModel]
  >([
    openBackend(choice.backend, console),
    readyModel(store, choice.detector, console).then((path) => createNodeSession(path, { threads })),
    openRegressor(choice, store, console),
    readyModel(store, 'bfm', console).then(() => loadMorphableModel(store)),
  ])
  const detector = createDetector(choice.detector, detectorSession, { resampler: backend })
  return FaceAligner.create({ backend, detector, regressor, model })
}

async function openBackend(wanted: AlignerChoice['backend'], console: Console): Promise<Backend> {
  const candidates = wanted === 'auto' ? BACKENDS : BACKENDS.filter(({ id }) => id === wanted)
  try {
    const { backend, failures } = await pickBackend(candidates)
    for (const { id, reason } of failures) console.detail(`The mesh backend ${id} does not work here: ${reason}.`)
    if (wanted === 'auto' && backend.id !== 'native')
      console.warn(
        `The native mesh backend does not work here (see 3ddfa doctor); ${backend.id} takes its place: same results, slower.`,
      )
    return backend
  } catch (error) {
    throw new CliError(messageOf(error), EXIT.usage)
  }
}

async function openRegressor(
  choice: AlignerChoice,
  store: ModelStore,
  console: Console,
): Promise<SessionParamRegressor> {
  const session = await createNodeSession(await regressorPath(choice.model, store, console), {
    threads: choice.threads,
  })
  try {
    return new SessionParamRegressor(session, parse(choice.model).name)
  } catch (error) {
    await session.dispose()
    throw error
  }
}

async function regressorPath(model: string, store: ModelStore, console: Console): Promise<string> {
  if (model.endsWith('.onnx')) return model
  return /\.(pth|tar)$/.test(model) ? store.importCheckpoint(model) : readyModel(store, model, console)
}
