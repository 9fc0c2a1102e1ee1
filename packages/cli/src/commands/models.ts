import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RegressorFiles } from '@3ddfa/models'
import { type ArtifactStatus, ModelFolderError, type ModelStore, PUBLISHED_DEFAULTS } from '@3ddfa/models/node'
import { type Console, createConsole } from '../console.ts'
import { CliError, EXIT, messageOf } from '../errors.ts'
import { cannotWrite, checkFile, prepareOutput, writeWhole } from '../files.ts'
import { checkIds, openStore } from '../store.ts'
import type { FuseFlags, ImportFlags, ModelsFlags } from './models-command.ts'

const DEFAULT_MODELS: readonly string[] = Object.values(PUBLISHED_DEFAULTS)

export async function listModels(flags: ModelsFlags): Promise<void> {
  const console = createConsole(flags)
  const store = openStore(flags, console)
  const models = (await store.list()).map(({ artifact: { id, kind, description }, ...status }) => ({
    ...{ id, kind, description },
    ...{ state: status.state, standIn: status.standIn, origin: status.origin ?? null, note: status.note ?? null },
    ...{ path: status.path, bytes: status.bytes ?? null, licences: status.licences },
  }))
  if (flags.json) return printJson(models)
  for (const { id, state, note, bytes, description } of models) {
    const size = bytes === null ? '' : `${(bytes / 1e6).toFixed(1)} MB`
    print(`${id.padEnd(14)} ${(note ? `${state}*` : state).padEnd(9)} ${size.padStart(8)}  ${description}`)
  }
  for (const { id, note } of models) if (note) print(`* ${id}: ${note}`)
  print('The open pack (regressor, detector and face model of our own) is always here: --model open')
  await noticeLicence(store, DEFAULT_MODELS, console)
}

/** @returns the exit code: one model that fails does not stop the others. */
export async function pullModels(ids: readonly string[], flags: ModelsFlags): Promise<number> {
  const console = createConsole(flags)
  const results: { id: string; ok: boolean; path?: string; message?: string }[] = []
  await console.withProgress(1, 'kB', async (progress) => {
    const onProgress = (file: string, received: number, total = received) =>
      progress.update(Math.round(received / 1000), file, Math.ceil(total / 1000))
    const store = openStore(flags, console, { offline: flags.offline, onProgress })
    const wanted = chosenModels(store, ids)
    await noticeLicence(store, wanted, console)
    for (const id of wanted) {
      try {
        const before = (await statusOf(store, id)).origin
        await store.pull([id])
        const path = await store.path(id)
        results.push({ id, ok: true, path })
        const isBack = before === 'own' && (await statusOf(store, id)).origin === 'published'
        console.info(`${id} is ready${isBack ? ', the published one again in place of yours' : ''}: ${path}`)
      } catch (error) {
        results.push({ id, ok: false, message: messageOf(error) })
        console.error(messageOf(error))
        if (error instanceof ModelFolderError) break
      }
    }
  })
  if (flags.json) printJson(results)
  return results.every(({ ok }) => ok) ? EXIT.ok : EXIT.someFailed
}

export async function importModel(
  id: string,
  { json, quiet, offline, from, cache, ...files }: ImportFlags,
): Promise<void> {
  const console = createConsole({ quiet })
  const store = openStore({ ...(from && { from }), ...(cache !== undefined && { cache }) }, console, { offline })
  checkIds(store, [id])
  const { inputs } = store.manifest.artifacts.find((artifact) => artifact.id === id)!
  const unknown = Object.keys(files).find((role) => !(role in inputs))
  if (unknown !== undefined)
    throw new CliError(`${id} has no file ${unknown}; it is made from: ${Object.keys(inputs).join(', ')}.`, EXIT.usage)
  const path = await store.importLocal(id, files as Record<string, string>)
  await noticeLicence(store, [id], console)
  console.info(`${id} is ready: ${path}`)
  if (json) printJson({ id, path })
}

export async function fuseModels(out: string, flags: FuseFlags): Promise<void> {
  const [{ importFusedNetwork }, { loadMorphableModel }] = await Promise.all([
    import('@3ddfa/models'),
    import('@3ddfa/models/node'),
  ])
  const console = createConsole(flags)
  const store = openStore(flags, console, { offline: flags.offline })
  const { model, vertices, landmarkHead = false } = flags
  const isFile = /\.(pth|tar)$/i.test(model)
  if (!isFile) checkIds(store, [model])
  prepareOutput(out, isFile ? [model] : [])
  if (!isFile && (await statusOf(store, model)).origin === 'own')
    console.warn(`What is fused is the published ${model}, not yours; for that give its .pth as --model.`)
  const files = await store.readInputs(isFile ? 'mb05' : model, isFile ? { checkpoint: model } : {})
  if (!files['checkpoint'] || !files['meanStd']) throw new CliError(`${model} is no parameter regressor.`, EXIT.usage)
  const face = await loadMorphableModel(store)
  const network = importFusedNetwork(files as unknown as RegressorFiles, face, { vertices, landmarkHead })
  await noticeLicence(store, ['bfm'], console)
  writeWhole(out, network)
  console.info(`${out} is ready: ${(network.length / 1e6).toFixed(1)} MB`)
}

export async function convertNetwork(network: string, out: string, flags: ModelsFlags): Promise<void> {
  const { importPositionMapNetwork, importTflite } = await import('@3ddfa/models')
  const read = async (path: string): Promise<Uint8Array> => {
    try {
      checkFile(path, await stat(path))
      return await readFile(path)
    } catch (error) {
      if (error instanceof CliError) throw error
      throw new CliError(`Expected a readable file but there is none at ${path}.`, EXIT.usage)
    }
  }
  const values = network.endsWith('.index') ? network.replace(/index$/, 'data-00000-of-00001') : undefined
  const data = values === undefined ? undefined : await read(values)
  const given = await read(network)
  prepareOutput(out, values === undefined ? [network] : [network, values])
  const onnx = data ? importPositionMapNetwork({ index: given, data }) : importTflite(given)
  writeWhole(out, onnx)
  createConsole(flags).info(`${out} is ready: ${(onnx.length / 1e6).toFixed(1)} MB`)
}

export async function exportModels(folder: string, ids: readonly string[], flags: ModelsFlags): Promise<void> {
  const { exportForWeb } = await import('@3ddfa/models/node')
  const console = createConsole(flags)
  const store = openStore(flags, console, { offline: flags.offline })
  const wanted = chosenModels(store, ids)
  await noticeLicence(store, wanted, console)
  const { models } = await exportForWeb(store, folder, wanted).catch((error: NodeJS.ErrnoException) => {
    throw error.errno === undefined ? error : cannotWrite(folder, error)
  })
  for (const { file, bytes } of models) console.info(`${join(folder, file)}  ${(bytes / 1e6).toFixed(1)} MB`)
  if (flags.json) printJson(models)
}

/** @returns the exit code. */
export async function verifyModels(ids: readonly string[], flags: ModelsFlags): Promise<number> {
  const store = openStore(flags, createConsole())
  checkIds(store, ids)
  const results = await store.verify(ids.length > 0 ? ids : undefined)
  if (flags.json) printJson(results)
  else if (results.length === 0) print('No model is here yet; bring them with: 3ddfa models pull')
  else for (const { id, message } of results) print(`${id}: ${message}`)
  return results.every(({ ok }) => ok) ? EXIT.ok : EXIT.someFailed
}

export async function printPath(id: string | undefined, flags: ModelsFlags): Promise<void> {
  const store = openStore(flags, createConsole())
  if (id !== undefined) checkIds(store, [id])
  print(id === undefined ? store.cacheDir : await store.path(id))
}

export function listLicences(flags: ModelsFlags): void {
  const entries = openStore(flags, createConsole()).licences()
  if (flags.json) {
    printJson(entries.map(({ file, licence: { name, terms }, usedBy }) => ({ ...file, licence: name, terms, usedBy })))
    return
  }
  for (const { file, licence, usedBy } of entries) {
    const { repository, commit, path } = file.source ?? {}
    print(`${file.id} (for ${usedBy.join(', ')}): ${licence.name}`)
    print(repository ? `  ${repository} at ${commit?.slice(0, 7)}: ${path}` : `  ${file.note}`)
  }
  print('')
  for (const { name, terms } of new Set(entries.map(({ licence }) => licence))) print(`${name}: ${terms}`)
}

/** What names stand for. @throws {CliError} for a name that is none. */
function chosenModels(store: ModelStore, ids: readonly string[]): readonly string[] {
  if (ids.includes('all')) return allModels(store)
  checkIds(store, ids)
  return ids.length > 0 ? ids : DEFAULT_MODELS
}

/** Published files that only a user can bring are left out. */
function allModels(store: ModelStore): string[] {
  const byHand = store
    .licences()
    .filter(({ file }) => !file.source)
    .flatMap(({ usedBy }) => usedBy)
  return store.manifest.artifacts.map(({ id }) => id).filter((id) => !byHand.includes(id))
}

async function statusOf(store: ModelStore, id: string): Promise<ArtifactStatus> {
  return (await store.list()).find(({ artifact }) => artifact.id === id)!
}

/** The terms that are not those of a free licence, said before such a file is used. Those of a user's file nobody here knows. */
async function noticeLicence(store: ModelStore, ids: readonly string[], console: Console): Promise<void> {
  const { name, terms } = store.licences().find(({ file }) => file.licence === 'BFM')!.licence
  const bound = (await store.list()).filter(
    ({ artifact, licences }) => ids.includes(artifact.id) && licences.includes(name),
  )
  if (bound.length > 0) console.info(`Licence: ${bound.map(({ artifact }) => artifact.id)}: ${terms}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}
