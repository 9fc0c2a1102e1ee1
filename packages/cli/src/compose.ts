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
import { createNodeSession, type NodeRuntime, type NodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, loadUvTopology, type ModelStore, readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { type BackendId, openBackend } from './backends.ts'
import type { Console } from './console.ts'
import { openDetector } from './detector-choice.ts'
import { tryToCreateFolder } from './files.ts'
import { type ModelChoice, OPEN_MODEL, openRegressorOf, positionMapOf, settleModels } from './model-choice.ts'
import { assemble, settle } from './settle.ts'
import { damageOf } from './store.ts'

export interface AlignerChoice extends ModelChoice {
  /** `auto` takes the fastest that works here. */
  readonly backend: 'auto' | BackendId
  /** Of the networks; `auto` takes the one that works here. */
  readonly runtime?: 'auto' | NodeRuntime | undefined
  readonly threads?: number | undefined
}

/**
 * Puts an aligner together: backend, detector, regressor and morphable model, all loaded at the same time. When it fails, nothing of
 * them is kept.
 * @throws {CliError} when a part is missing or does not work here.
 */
export async function openAligner(choice: AlignerChoice, store: ModelStore, console: Console): Promise<FaceAligner> {
  const chosen = await settleModels(choice, store, console)
  return assemble(async (keep) => {
    const open = (path: string): Promise<NodeSession> => keep(openSession(path, store, choice))
    const [backend, detectorSession, faces] = await settle<[Backend, NodeSession, FaceParts]>([
      keep(openBackend(choice.backend, console)),
      findDetector(chosen.detector, store).then(open),
      openFaces(chosen.model, store, open),
    ])
    // All networks run alike.
    for (const note of detectorSession.notes) console.warn(note)
    console.detail(`Networks run in ${detectorSession.runtime}.`)
    const detector = openDetector(chosen.detector, detectorSession, backend, choice.detectSize)
    return FaceAligner.create({ backend, detector, ...faces })
  })
}

/** The network and, where it gives parameters, the model that they are of. */
type FaceParts = { regressor: ParamRegressor; model: MorphableModel } | { regressor: MeshRegressor }

type Open = (path: string) => Promise<Session>

async function openFaces(model: string, store: ModelStore, open: Open): Promise<FaceParts> {
  const positionMap = positionMapOf(model)
  if (positionMap) return { regressor: await openPositionMap(positionMap.path, store, open) }
  const [session, face] = await settle<[Session, MorphableModel]>([
    findRegressor(model, store).then(open),
    openFace(model, store),
  ])
  return { regressor: new SessionParamRegressor(session, await regressorId(model, store)), model: face }
}

/** What results call it: not by the published one's name where a user's file has its place. */
async function regressorId(model: string, store: ModelStore): Promise<string> {
  const { name } = parse(openRegressorOf(model)?.path ?? model)
  const isOwn = (await store.list()).some(({ artifact, origin }) => artifact.id === model && origin === 'own')
  return isOwn ? `${name}-own` : name
}

async function openPositionMap(
  given: string | undefined,
  store: ModelStore,
  open: Open,
): Promise<PositionMapRegressor> {
  const { topology } = await loadUvTopology(store)
  const isNetwork = given?.endsWith('.onnx') === true
  const path =
    given === undefined ? await store.path('prnet') : isNetwork ? given : await store.importPositionMap(given)
  return new PositionMapRegressor(await open(path), topology)
}

/** What onnxruntime makes of a network is kept beside the models, where that can be: the next process does not optimise it again. */
async function openSession(path: string, store: ModelStore, { runtime, threads }: AlignerChoice): Promise<NodeSession> {
  const graphCache = join(store.cacheDir, 'graphs')
  try {
    return await createNodeSession(path, {
      runtime: runtime === 'auto' ? undefined : runtime,
      threads,
      ...(tryToCreateFolder(graphCache) && { graphCache }),
    })
  } catch (error) {
    throw (await damageOf(path, store)) ?? error
  }
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
  if (/\.onnx$/i.test(model)) return model
  return /\.(pth|tar)$/i.test(model) ? store.importCheckpoint(model) : store.path(model)
}
