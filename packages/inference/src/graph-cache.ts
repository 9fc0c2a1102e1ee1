import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { arch, cpus } from 'node:os'
import { join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import type { Engine } from './engine.ts'
import { type OrtModule, openOrtEngine } from './ort-engine.ts'

type Options = InferenceSession.SessionOptions

/** Files that a folder of graphs holds at most; the oldest go first. */
export const MAX_GRAPHS = 16

/** An optimised graph is 1 to 4 times as large as its network (weights of 8 bits may become floats); a larger file is none of ours. */
const limitOf = (network: Uint8Array): number => 8 * network.length + 65_536
const DIGEST = 32
const ENDING = '.graph'

/**
 * Opens a network with the graph that onnxruntime made of it the last time, so that it is not optimised again: 10 to 20 ms less of
 * a process' time a network. Graphs lie in `folder` as SHA-256 and ONNX, under the hash of the network and of all that an optimised
 * graph depends on: it holds kernels for one processor and one version of the runtime.
 *
 * A file that is damaged, cut off or does not load is replaced, and a folder that cannot be written is left alone: the network is
 * opened in any case as it would be without. Who can write there can also replace the networks themselves.
 */
export async function openWithGraph(
  ort: OrtModule,
  model: string | Uint8Array,
  options: Options,
  folder: string,
): Promise<Engine> {
  const network = typeof model === 'string' ? await readFile(model) : model
  // Weights in other files are in no hash.
  if (Buffer.from(network.buffer, network.byteOffset, network.length).includes('\n\x08location'))
    return openOrtEngine(ort, model, options)
  const name = `${hash(network)}-${hash(conditions(ort, options))}${ENDING}`
  const path = join(folder, name)
  const graph = await readGraph(path, name, limitOf(network))
  // What the optimiser has done needs no optimiser.
  const opened = graph && openOrtEngine(ort, graph, { ...options, graphOptimizationLevel: 'disabled' })
  return (await opened?.catch(() => undefined)) ?? openAndKeep(ort, model, network, options, path, name)
}

async function openAndKeep(
  ort: OrtModule,
  model: string | Uint8Array,
  network: Uint8Array,
  options: Options,
  path: string,
  name: string,
): Promise<Engine> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await mkdir(join(path, '..'), { recursive: true })
    await rm(path, { force: true, recursive: true })
    // A file that cannot be made is found out before the network is optimised for it.
    await (await open(draft, 'wx')).close()
    const engine = await openOrtEngine(ort, network, { ...options, optimizedModelFilePath: draft })
    await keepGraph(draft, path, name).catch(() => undefined)
    return engine
  } catch {
    // Where the network is to blame, this says so.
    return await openOrtEngine(ort, model, options)
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}

/** The graph of a whole file that was written under this name; undefined when it is missing or anything is wrong with it. */
async function readGraph(path: string, name: string, limit: number): Promise<Uint8Array | undefined> {
  try {
    const info = await stat(path)
    if (!info.isFile() || info.size <= DIGEST || info.size > DIGEST + limit) return undefined
    const file = await readFile(path)
    const graph = file.subarray(DIGEST)
    return digest(name, graph).equals(file.subarray(0, DIGEST)) ? graph : undefined
  } catch {
    return undefined
  }
}

/** Makes the draft the file: under its own name when it is whole, so that nobody ever reads a part of it. */
async function keepGraph(draft: string, path: string, name: string): Promise<void> {
  const graph = await readFile(draft)
  await writeFile(draft, Buffer.concat([digest(name, graph), graph]))
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

/** What decides about the graph beside the network. */
function conditions({ env }: OrtModule, { executionProviders }: Options): string {
  return JSON.stringify([1, env.versions, arch(), cpus()[0]?.model, executionProviders])
}

function digest(name: string, graph: Uint8Array): Buffer {
  return createHash('sha256').update(name).update(graph).digest()
}

function hash(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 32)
}
