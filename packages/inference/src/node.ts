import { readFile, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { expect, isArrayOf, type Session } from '@3ddfa/core'
import type { InferenceSession } from 'onnxruntime-node'
import { openWithGraph } from './graph-cache.ts'
import { loadRuntime, RuntimeMissingError } from './load-runtime.ts'
import { type OrtModule, openOrtEngine } from './ort-engine.ts'
import { QueuedSession } from './queued-session.ts'
import { readWasm } from './wasm-in-node.ts'

export { simplifyNetwork } from './simplify-network.ts'

/** Options of {@link createNodeSession}. */
export interface NodeSessionOptions {
  /** Threads inside one operator, 1 to 256. Unless given, one a core, at most {@link NODE_SESSION_DEFAULTS}.maxThreads. */
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
   * a file in it that is damaged, nobody hears.
   */
  readonly graphCache?: string | undefined
}

/** What {@link createNodeSession} takes where an option is missing. */
export const NODE_SESSION_DEFAULTS: {
  readonly maxThreads: number
  readonly spinning: boolean
  readonly executionProviders: readonly string[]
} = { maxThreads: 4, spinning: false, executionProviders: ['cpu'] }

/** A session that tells what it runs on. */
export interface NodeSession extends Session {
  readonly runtime: 'onnxruntime-node' | 'onnxruntime-web'
  /** Why it is onnxruntime-web, in a sentence; empty when it is not. */
  readonly notes: readonly string[]
}

/**
 * Loads an ONNX network with onnxruntime-node, which this function imports on its first call. Where that has no binary for the platform
 * (musl, Intel Macs) and onnxruntime-web is installed, its WebAssembly takes its place on one thread: the same numbers, four to nine times slower.
 * Prints nothing.
 *
 * A run blocks the thread that it is called on: both compute synchronously.
 * @param model path of an `.onnx` file, or its bytes (not kept).
 * @param loaders where the runtimes come from; for tests.
 * @throws {InvalidInputError} when there is no such file or an option is out of range.
 * @throws {Error} when no runtime can be loaded here (onnxruntime-node, where `executionProviders` asks for more than the CPU), or it
 * cannot read the network.
 */
export async function createNodeSession(
  model: string | Uint8Array,
  options: NodeSessionOptions = {},
  loaders: { readonly runtime: typeof loadRuntime; readonly wasm: typeof readWasm } = {
    runtime: loadRuntime,
    wasm: readWasm,
  },
): Promise<NodeSession> {
  await checkModel(model)
  const sessionOptions = toSessionOptions(options)
  let ort: OrtModule
  try {
    ort = await loaders.runtime()
  } catch (error) {
    const { executionProviders = NODE_SESSION_DEFAULTS.executionProviders } = options
    if (!(error instanceof RuntimeMissingError) || executionProviders.join() !== 'cpu') throw error
    const wasm = await loaders.wasm()
    if (!wasm) throw error
    return createWasmSession(model, wasm, error.problem)
  }
  try {
    const { graphCache } = options
    const engine =
      graphCache === undefined
        ? await openOrtEngine(ort, model, sessionOptions)
        : await openWithGraph(ort, model, sessionOptions, graphCache)
    return Object.assign(new QueuedSession(engine), { runtime: 'onnxruntime-node' as const, notes: [] })
  } catch (error) {
    const name = typeof model === 'string' ? model : `of ${model.length} bytes`
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`Could not load the network ${name}: ${reason}`, { cause: error })
  }
}

/** @param lack why onnxruntime-node is not used. */
async function createWasmSession(model: string | Uint8Array, wasm: Uint8Array, lack: string): Promise<NodeSession> {
  const { createWebSession } = await import('./web.ts')
  const session = await createWebSession(typeof model === 'string' ? new Uint8Array(await readFile(model)) : model, {
    wasm,
  })
  const note = `${lack} The WebAssembly of onnxruntime-web takes its place: the same numbers, slower.`
  return Object.assign(session, { runtime: 'onnxruntime-web' as const, notes: [note] })
}

async function checkModel(model: string | Uint8Array): Promise<void> {
  if (typeof model !== 'string') {
    expect(isArrayOf(model, 'Uint8Array') && model.length > 0, 'model', 'a path or the bytes of an ONNX file', model)
    return
  }
  const file = await stat(model).catch(() => undefined)
  expect(file?.isFile() ?? false, 'model', 'the path of an existing ONNX file', model)
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
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  }
}
