import { readFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import {
  type Backend,
  FaceAligner,
  type MeshRegressor,
  type MorphableModel,
  type ParamRegressor,
  PositionMapRegressor,
  type Session,
  SessionParamRegressor,
} from '@3ddfa/core'
import { createNodeSession, type NodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, loadUvTopology, type ModelStore, readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { type BackendId, openBackend } from './backends.ts'
import type { Console } from './console.ts'
import { openDetector } from './detector-choice.ts'
import { tryToCreateFolder } from './files.ts'
import { type ModelChoice, OPEN_MODEL, openRegressorOf, positionMapOf, settleModels } from './model-choice.ts'
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
  const [backend, detectorSession, faces] = await settle<[Backend, NodeSession, FaceParts]>([
    openBackend(choice.backend, console),
    findDetector(chosen.detector, store).then((path) => openSession(path, store, threads)),
    openFaces(chosen.model, store, threads),
  ])
  // All networks run alike.
  for (const note of detectorSession.notes) console.warn(note)
  const detector = openDetector(chosen.detector, detectorSession, backend, choice.detectSize)
  return FaceAligner.create({ backend, detector, ...faces })
}

/** The network and, where it gives parameters, the model that they are of. */
type FaceParts = { regressor: ParamRegressor; model: MorphableModel } | { regressor: MeshRegressor }

async function openFaces(model: string, store: ModelStore, threads: number | undefined): Promise<FaceParts> {
  const positionMap = positionMapOf(model)
  if (positionMap) return { regressor: await openPositionMap(positionMap.path, store, threads) }
  const [regressor, face] = await settle<[ParamRegressor, MorphableModel]>([
    openRegressor(model, store, threads),
    openFace(model, store),
  ])
  return { regressor, model: face }
}

async function openRegressor(model: string, store: ModelStore, threads: number | undefined): Promise<ParamRegressor> {
  const path = await findRegressor(model, store)
  return openNetwork(
    path,
    store,
    threads,
    (session) => new SessionParamRegressor(session, parse(openRegressorOf(model)?.path ?? model).name),
  )
}

async function openPositionMap(
  given: string | undefined,
  store: ModelStore,
  threads: number | undefined,
): Promise<PositionMapRegressor> {
  const { topology } = await loadUvTopology(store)
  const isNetwork = given?.endsWith('.onnx') === true
  const path =
    given === undefined ? await store.path('prnet') : isNetwork ? given : await store.importPositionMap(given)
  return openNetwork(path, store, threads, (session) => new PositionMapRegressor(session, topology))
}

/** What `make` makes of a session; the session is freed when it throws. */
async function openNetwork<T>(
  path: string,
  store: ModelStore,
  threads: number | undefined,
  make: (session: Session) => T,
): Promise<T> {
  const session = await openSession(path, store, threads)
  try {
    return make(session)
  } catch (error) {
    await session.dispose()
    throw error
  }
}

/** What onnxruntime makes of a network is kept beside the models, where that can be: the next process does not optimise it again. */
function openSession(path: string, store: ModelStore, threads: number | undefined): Promise<NodeSession> {
  const graphCache = join(store.cacheDir, 'graphs')
  return createNodeSession(path, { threads, ...(tryToCreateFolder(graphCache) && { graphCache }) })
}

async function openFace(model: string, store: ModelStore): Promise<MorphableModel> {
  return openRegressorOf(model) ? readMorphableModel(await readFile(facePath)) : loadMorphableModel(store)
}

async function findDetector(name: string, store: ModelStore): Promise<string> {
  return name === OPEN_MODEL ? detectorPath : store.path(name)
}

async function findRegressor(model: string, store: ModelStore): Promise<string> {
  const open = openRegressorOf(model)
  if (open) return open.path ?? regressorPath
  if (model.endsWith('.onnx')) return model
  return /\.(pth|tar)$/.test(model) ? store.importCheckpoint(model) : store.path(model)
}
