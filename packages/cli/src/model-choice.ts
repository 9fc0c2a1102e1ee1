import { type ModelStore, PUBLISHED_DEFAULTS } from '@3ddfa/models/node'
import type { Console } from './console.ts'
import type { DetectorChoice } from './detector-names.ts'
import { CliError, EXIT } from './errors.ts'
import { bringModels, prepareModels } from './store.ts'

/** What `--model` and `--detector` say. */
export interface ModelChoice {
  /** `auto`, `open`, the name of a regressor in the store, the path of an .onnx or .pth file, or `open:` or `prnet:` and a path. */
  readonly model: string
  /** The one that belongs to the model unless given. */
  readonly detector?: DetectorChoice | undefined
  /** Side that pictures are scaled down to for the detector, pixels; its own default unless given. */
  readonly detectSize?: number | undefined
}

export interface SettledModels {
  /** Never `auto`. */
  readonly model: string
  readonly detector: DetectorChoice
}

/** The pack of `@3ddfa/open-models`, which is always here. */
export const OPEN_MODEL = 'open'

/** Where the regressor of `--model open:PATH` is, a network for the open face model (no path: the pack's); undefined for other models. */
export function openRegressorOf(model: string): { readonly path?: string } | undefined {
  if (model === OPEN_MODEL) return {}
  return model.startsWith(`${OPEN_MODEL}:`) ? { path: model.slice(OPEN_MODEL.length + 1) } : undefined
}

/** PRNet's network in the store, or before a colon and the path of a checkpoint or .onnx. */
const PRNET = 'prnet'

/** Where the network of `--model prnet` or `--model prnet:PATH` is (no path: in the store); undefined for other models. */
export function positionMapOf(model: string): { readonly path?: string } | undefined {
  if (model === PRNET) return {}
  return model.startsWith(`${PRNET}:`) ? { path: model.slice(PRNET.length + 1) } : undefined
}

/**
 * Settles which models are used and sees to it that they are here. `auto` takes the published ones where they are here or can be
 * made from local files, and else the open pack; a line says which.
 * @throws {CliError} when a model that was asked for is missing.
 */
export async function settleModels(choice: ModelChoice, store: ModelStore, console: Console): Promise<SettledModels> {
  const model = choice.model === 'auto' ? await settleModel(choice, store, console) : choice.model
  checkRegressor(model, store)
  const detector = choice.detector ?? (openRegressorOf(model) ? OPEN_MODEL : PUBLISHED_DEFAULTS.detector)
  await prepareModels(store, storedModels({ model, detector }), console)
  return { model, detector }
}

/** @throws {CliError} for a name that is no regressor's. Whether a file is one shows when it is opened. */
function checkRegressor(model: string, { manifest }: ModelStore): void {
  if (openRegressorOf(model) || positionMapOf(model) || /\.(onnx|pth|tar)$/i.test(model)) return
  const known = manifest.artifacts.find(({ id }) => id === model)
  if (known?.kind === 'regressor') return
  const all = [OPEN_MODEL, PRNET, ...manifest.artifacts.filter(({ kind }) => kind === 'regressor').map(({ id }) => id)]
  const problem = known ? `${model} is no regressor but a ${known.kind}` : `There is no model ${JSON.stringify(model)}`
  throw new CliError(`${problem}; regressors are: ${all.join(', ')}, or the path of an .onnx or .pth file.`, EXIT.usage)
}

async function settleModel({ detector }: ModelChoice, store: ModelStore, console: Console): Promise<string> {
  const wanted = storedModels({
    model: PUBLISHED_DEFAULTS.regressor,
    detector: detector ?? PUBLISHED_DEFAULTS.detector,
  })
  // A detector that was named has to be here whatever the model.
  const missing = (await bringModels(store, wanted, console)).filter((id) => id !== detector)
  if (missing.length === 0) {
    const used = (await store.list()).filter(({ artifact }) => wanted.includes(artifact.id))
    const own = used.filter(({ origin }) => origin === 'own').map(({ artifact }) => artifact.id)
    const names = wanted.map((id) => (own.includes(id) ? `${id} from a file of yours` : id))
    console.info(`Models: ${own.length > 0 ? 'not all ' : ''}as published (${names.join(', ')}).`)
    return PUBLISHED_DEFAULTS.regressor
  }
  console.info(
    `Models: the open pack, since published ones are not here (${missing.join(', ')}); bring them with: 3ddfa models pull`,
  )
  return OPEN_MODEL
}

/** What of a choice lies in the store. */
function storedModels({ model, detector }: SettledModels): string[] {
  const regressor = openRegressorOf(model)
    ? []
    : positionMapOf(model)
      ? [model, 'prnet-uv']
      : [model, PUBLISHED_DEFAULTS.face]
  return detector === OPEN_MODEL ? regressor : [...regressor, detector]
}
