import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { expect, isArrayOf, type Session } from '@3ddfa/core'
import type { InferenceSession } from 'onnxruntime-node'
import { openWithGraph } from './graph-cache.ts'
import { loadRuntime } from './load-runtime.ts'
import { openOrtEngine } from './ort-engine.ts'
import { QueuedSession } from './queued-session.ts'

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

/**
 * Loads an ONNX network with onnxruntime-node, which this function imports on its first call. Prints nothing.
 *
 * A run blocks the thread that it is called on: onnxruntime-node computes synchronously.
 * @param model path of an `.onnx` file, or its bytes (not kept).
 * @throws {InvalidInputError} when there is no such file or an option is out of range.
 * @throws {Error} when onnxruntime-node cannot be loaded here, or cannot read the network.
 */
export async function createNodeSession(
  model: string | Uint8Array,
  options: NodeSessionOptions = {},
): Promise<Session> {
  await checkModel(model)
  const sessionOptions = toSessionOptions(options)
  const ort = await loadRuntime()
  try {
    const { graphCache } = options
    const engine =
      graphCache === undefined
        ? await openOrtEngine(ort, model, sessionOptions)
        : await openWithGraph(ort, model, sessionOptions, graphCache)
    return new QueuedSession(engine)
  } catch (error) {
    const name = typeof model === 'string' ? model : `of ${model.length} bytes`
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`Could not load the network ${name}: ${reason}`, { cause: error })
  }
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
