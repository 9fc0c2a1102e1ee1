import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import type { Engine } from './engine.ts'
import { type OrtModule, openOrtEngine } from './ort-engine.ts'
import { describeProcessor } from './processor.ts'

type Options = InferenceSession.SessionOptions

/** Files that a folder of graphs holds at most; the oldest go first. */
export const MAX_GRAPHS = 16

const ENDING = '.graph.onnx'

/**
 * Opens a network with the graph that onnxruntime made of it the last time, so that it is not optimised again. Graphs lie in `folder`
 * under the hash of what they depend on: which network (a file by its path, size and times, as compilers' caches have it, since
 * hashing its content takes as long as is saved; bytes by their content), and which processor and version of the runtime, whose
 * kernels they name.
 *
 * A graph that does not load is replaced, and a folder that cannot be written is left alone: the network is opened in any case as it
 * would be without. Graphs are trusted as the networks beside them are.
 */
export async function openWithGraph(
  ort: OrtModule,
  model: string | Uint8Array,
  options: Options,
  folder: string,
): Promise<Engine> {
  const network = typeof model === 'string' ? await identityOf(model) : model
  const path = join(folder, `${hash(network)}-${hash(await conditions(ort, options))}${ENDING}`)
  if (await isFile(path)) {
    // What the optimiser has done needs no optimiser.
    const kept = openOrtEngine(ort, path, { ...options, graphOptimizationLevel: 'disabled' })
    const engine = await kept.catch(() => undefined)
    if (engine) return engine
  }
  return openAndKeep(ort, model, options, path)
}

async function openAndKeep(
  ort: OrtModule,
  model: string | Uint8Array,
  options: Options,
  path: string,
): Promise<Engine> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  try {
    if (await hasOtherFiles(model)) return await openOrtEngine(ort, model, options)
    await mkdir(join(path, '..'), { recursive: true })
    await rm(path, { force: true, recursive: true })
    // A file that cannot be made is found out before the network is optimised for it.
    await (await open(draft, 'wx')).close()
    const engine = await openOrtEngine(ort, model, { ...options, optimizedModelFilePath: draft })
    await keepGraph(draft, path).catch(() => undefined)
    return engine
  } catch {
    // Where the network is to blame, this says so.
    return await openOrtEngine(ort, model, options)
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}

/** Whether weights lie in other files, whose changes nobody would notice. */
async function hasOtherFiles(model: string | Uint8Array): Promise<boolean> {
  const bytes = typeof model === 'string' ? await readFile(model) : model
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('\n\x08location')
}

/** Makes the draft the file when it is whole and on the disk, so that nobody ever reads a part of it. */
async function keepGraph(draft: string, path: string): Promise<void> {
  const file = await open(draft, 'r+')
  await file.sync().finally(() => file.close())
  await rename(draft, path)
  await prune(join(path, '..'))
}

/** Removes the oldest graphs beyond {@link MAX_GRAPHS}, and with them what killed processes left. */
async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.includes(ENDING))
  if (names.length <= MAX_GRAPHS) return
  const files = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  )
  files.sort((a, b) => b.time - a.time)
  for (const { name } of files.slice(MAX_GRAPHS)) await rm(join(folder, name), { force: true })
}

/** Another one for another file, and for the same when it was written again. */
async function identityOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
  return [resolve(path), dev, ino, size, mtimeNs, ctimeNs].join('\n')
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

/** What decides about the graph beside the network. */
async function conditions({ env }: OrtModule, { executionProviders }: Options): Promise<string> {
  return JSON.stringify([2, env.versions, await describeProcessor(), executionProviders])
}

function hash(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 32)
}
