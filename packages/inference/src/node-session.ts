import { readFile, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { expect, expectObject, isArrayOf, type Session } from '@3ddfa/core'
import type { InferenceSession } from 'onnxruntime-node'
import { openWithGraph } from './graph-cache.ts'
import { RuntimeMissingError } from './load-runtime.ts'
import { explainPage, NetworkLoadError } from './network-load-error.ts'
import { type OrtModule, openOrtEngine } from './ort-engine.ts'
import { QueuedSession } from './queued-session.ts'
import { runtimeReason } from './runtime-reason.ts'
import { importWasmRuntime } from './wasm-in-node.ts'

/** A package that runs networks in Node: native code, or WebAssembly on one thread. */
export type NodeRuntime = 'onnxruntime-node' | 'onnxruntime-web'

/** Options of `createNodeSession`. */
export interface NodeSessionOptions {
  /** Unless given, onnxruntime-node, and where that has no binary for the platform onnxruntime-web. What is given must work here. */
  readonly runtime?: NodeRuntime | undefined
  /**
   * Threads inside one operator, 1 to 256. Unless given, one a core, at most {@link NODE_SESSION_DEFAULTS}.maxThreads. onnxruntime-web has
   * one.
   */
  readonly threads?: number | undefined
  /**
   * Whether idle threads burn CPU to start the next operator sooner. A tenth faster alone on the machine, but with two
   * sessions the pools fight for the cores: FaceBoxes then takes 16 to 22 ms instead of 9 on two cores.
   */
  readonly spinning?: boolean | undefined
  /**
   * onnxruntime's execution providers, in order of preference. One that does not work here is an error, not left out as in
   * `createWebSession`.
   */
  readonly executionProviders?: readonly string[] | undefined
  /**
   * A folder, made if missing, in which onnxruntime's optimised graph of the network is kept (at most 16, the oldest
   * go): the next process opens it without optimising again. None unless given. Of a cache folder that cannot be written, or
   * a file in it that is damaged, nobody hears. onnxruntime-web keeps none.
   */
  readonly graphCache?: string | undefined
}

/** What `createNodeSession` takes where an option is missing. */
export const NODE_SESSION_DEFAULTS: {
  readonly maxThreads: number
  readonly spinning: boolean
  readonly executionProviders: readonly string[]
} = { maxThreads: 4, spinning: false, executionProviders: ['cpu'] }

/** A session that tells what it runs on. */
export interface NodeSession extends Session {
  readonly runtime: NodeRuntime
  /** The runtime's, such as `1.30.0`. */
  readonly runtimeVersion: string
  /** Why it is not what was asked for, a sentence each; empty when it is. */
  readonly notes: readonly string[]
}

/** Where the runtimes come from. */
export interface RuntimeLoaders {
  readonly native: () => Promise<OrtModule>
  /** The bytes of onnxruntime-web's WebAssembly, undefined where it is not installed. */
  readonly wasm: () => Promise<Uint8Array | undefined>
}

/** `createNodeSession` with runtimes from `loaders`. */
export async function openNodeSession(
  loaders: RuntimeLoaders,
  model: string | Uint8Array,
  options: NodeSessionOptions = {},
): Promise<NodeSession> {
  await checkModel(model)
  checkOptions(options)
  const sessionOptions = toSessionOptions(options)
  const chosen = await chooseRuntime(options, loaders)
  if (chosen.runtime === 'onnxruntime-web') return createWasmSession(model, chosen, options)
  try {
    const { graphCache } = options
    const engine =
      graphCache === undefined
        ? await openOrtEngine(chosen.ort, model, sessionOptions)
        : await openWithGraph(chosen.ort, model, sessionOptions, graphCache)
    const runtimeVersion = chosen.ort.env.versions.node ?? 'unknown'
    return Object.assign(new QueuedSession(engine), { runtime: chosen.runtime, runtimeVersion, notes: [] })
  } catch (error) {
    const isPath = typeof model === 'string'
    const what = `Could not load the network ${isPath ? model : `of ${model.length} bytes`}: ${runtimeReason(error)}`
    throw new NetworkLoadError(isPath ? what : what + explainPage(model), { cause: error })
  }
}

type Native = { readonly runtime: 'onnxruntime-node'; readonly ort: OrtModule }
type Wasm = { readonly runtime: 'onnxruntime-web'; readonly wasm: Uint8Array; readonly notes: readonly string[] }

async function chooseRuntime(
  { runtime, executionProviders = NODE_SESSION_DEFAULTS.executionProviders }: NodeSessionOptions,
  loaders: RuntimeLoaders,
): Promise<Native | Wasm> {
  const isKnown = runtime === undefined || runtime === 'onnxruntime-node' || runtime === 'onnxruntime-web'
  expect(isKnown, 'runtime', 'onnxruntime-node or onnxruntime-web', runtime)
  const wantsCpu = executionProviders.join() === 'cpu'
  if (runtime === 'onnxruntime-web') {
    expect(wantsCpu, 'executionProviders', "['cpu'] (onnxruntime-web in Node has no other)", executionProviders)
    const wasm = await loaders.wasm()
    if (!wasm)
      throw new RuntimeMissingError('onnxruntime-web is not installed here.', 'Install it: npm install onnxruntime-web')
    return { runtime, wasm, notes: [] }
  }
  try {
    return { runtime: 'onnxruntime-node', ort: await loaders.native() }
  } catch (error) {
    if (!(error instanceof RuntimeMissingError) || !wantsCpu || runtime) throw error
    const wasm = await loaders.wasm()
    if (!wasm) throw error
    const note = `${error.problem} The WebAssembly of onnxruntime-web takes its place: the same numbers, slower.`
    return { runtime: 'onnxruntime-web', wasm, notes: [note] }
  }
}

async function createWasmSession(
  model: string | Uint8Array,
  { runtime, wasm, notes: why }: Wasm,
  { threads = 1 }: NodeSessionOptions,
): Promise<NodeSession> {
  const { openWebSession } = await import('./web-session.ts')
  const bytes = typeof model === 'string' ? new Uint8Array(await readFile(model)) : model
  const notes = threads > 1 ? [...why, 'onnxruntime-web runs on one thread in Node.'] : why
  return Object.assign(await openWebSession(importWasmRuntime, bytes, { wasm }), { runtime, notes })
}

async function checkModel(model: string | Uint8Array): Promise<void> {
  if (typeof model !== 'string') {
    expect(isArrayOf(model, 'Uint8Array') && model.length > 0, 'model', 'a path or the bytes of an ONNX file', model)
    return
  }
  const file = await stat(model).catch(() => undefined)
  expect(file?.isFile() ?? false, 'model', 'the path of an existing ONNX file', model)
}

function checkOptions(options: NodeSessionOptions): void {
  expectObject(options, 'options', 'an object, or nothing,')
  const { executionProviders: providers, graphCache: folder } = options
  const named = providers === undefined || Array.isArray(providers)
  expect(named, 'executionProviders', 'a list of names', providers)
  expect(folder === undefined || typeof folder === 'string', 'graphCache', 'the path of a folder', folder)
}

function toSessionOptions(options: NodeSessionOptions): InferenceSession.SessionOptions {
  const { maxThreads } = NODE_SESSION_DEFAULTS
  const threads = options.threads ?? Math.min(maxThreads, availableParallelism())
  expect(Number.isInteger(threads) && threads >= 1 && threads <= 256, 'threads', 'an integer in [1, 256]', threads)
  const spinning = options.spinning ?? NODE_SESSION_DEFAULTS.spinning
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionProviders: [...(options.executionProviders ?? NODE_SESSION_DEFAULTS.executionProviders)],
    logSeverityLevel: 4,
    // x64quantprecision: x64 processors without 8-bit dot products (VNNI) saturate sums of two products at 16 bits, which cost mb05-int8
    // 0.16 of NME; with it they take kernels that do not, and give the numbers of all others. Elsewhere it changes nothing.
    extra: { session: { x64quantprecision: '1', intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  }
}
