import { expect, type Session, type Tensor } from '@3ddfa/core'
import type { Engine } from './engine.ts'
import { openOrtEngine } from './ort-engine.ts'
import { QueuedSession } from './queued-session.ts'
import {
  importWebRuntime,
  type LoadWebRuntime,
  loadWebRuntime,
  type WebGpuDevice,
  type WebProvider,
} from './web-runtime.ts'

export type { WebProvider }

/** Options of {@link createWebSession}. */
export interface WebSessionOptions {
  /** In order of preference; the first that works here runs. `['wasm']` unless given. */
  readonly providers?: readonly WebProvider[] | undefined
  /**
   * Where the provider's WebAssembly lies (`ort-wasm-simd-threaded.wasm` for `wasm`, `ort-wasm-simd-threaded.asyncify.wasm` for
   * `webgpu`; both in onnxruntime-web's `dist`), or its bytes. Unless given, the file beside onnxruntime-web's module, which
   * Vite, webpack and Next bring along by themselves. Never another origin. The first session of a provider decides.
   */
  readonly wasm?: string | URL | ArrayBuffer | ArrayBufferView | undefined
  /**
   * Threads of the `wasm` provider, 1 to 64. More than one needs a cross-origin isolated page; anywhere else one is taken, and
   * `notes` says so. One unless given: on small machines more are slower. The first session decides.
   */
  readonly threads?: number | undefined
}

export const WEB_SESSION_DEFAULTS: { readonly providers: readonly WebProvider[]; readonly threads: number } = {
  providers: ['wasm'],
  threads: 1,
}

/** A session that tells what it runs on. */
export interface WebSession extends Session {
  readonly provider: WebProvider
  /** Why it is not what was asked for, a sentence each; empty when it is. */
  readonly notes: readonly string[]
}

/** The GPU went away (driver reset, sleep, another program). Open the session again, perhaps with `providers: ['wasm']`. */
export class DeviceLostError extends Error {
  override name = 'DeviceLostError'
}

/**
 * Loads an ONNX network with onnxruntime-web, which this function imports on its first call. Works in windows and module
 * workers; computes on the calling thread (`wasm`) or the GPU (`webgpu`).
 * @param model bytes of an `.onnx` file (not kept).
 * @throws {InvalidInputError} when an option is out of range.
 * @throws {Error} one sentence with every provider that was tried and why it failed.
 */
export async function createWebSession(
  model: Uint8Array | ArrayBuffer,
  options: WebSessionOptions = {},
  load: LoadWebRuntime = importWebRuntime,
): Promise<WebSession> {
  const bytes = model instanceof ArrayBuffer ? new Uint8Array(model) : model
  expect(bytes instanceof Uint8Array && bytes.length > 0, 'model', 'the bytes of an ONNX file', model)
  const { providers, threads, wasm, notes } = settle(options)
  for (const provider of providers) {
    try {
      const session = await open(provider, bytes, { threads, wasm }, load)
      return Object.assign(session, { provider, notes })
    } catch (error) {
      notes.push(`${provider}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(`Could not load the network of ${bytes.length} bytes. ${notes.join(' ')}`)
}

/** The smallest network that there is: y = x. */
const IDENTITY =
  'CAgSDUAzZGRmYS9tb2RlbHM6OgoTCgF4EgF5GgF5IghJZGVudGl0eRIBdFoPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEBE='

/**
 * Brings a provider's runtime up, which takes longer than anything else before the first result; to be called first, so that it
 * goes on while models are fetched. `createWebSession` reports what goes wrong; this does not.
 */
export async function prepareWebRuntime(
  options: WebSessionOptions = {},
  load: LoadWebRuntime = importWebRuntime,
): Promise<void> {
  const identity = Uint8Array.from(atob(IDENTITY), (character) => character.charCodeAt(0))
  const session = await createWebSession(identity, options, load).catch(() => undefined)
  await session?.dispose()
}

function settle({
  providers = WEB_SESSION_DEFAULTS.providers,
  threads = WEB_SESSION_DEFAULTS.threads,
  wasm,
}: WebSessionOptions): {
  providers: readonly WebProvider[]
  threads: number
  wasm: WebSessionOptions['wasm']
  notes: string[]
} {
  const known = providers.length > 0 && providers.every((p) => p === 'webgpu' || p === 'wasm')
  expect(known, 'providers', 'one or more of webgpu, wasm', providers.join() || providers)
  expect(Number.isInteger(threads) && threads >= 1 && threads <= 64, 'threads', 'an integer in [1, 64]', threads)
  if (threads === 1 || page.crossOriginIsolated) return { providers, threads, wasm, notes: [] }
  const note =
    'One thread runs, since this page is not cross-origin isolated (serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp).'
  return { providers, threads: 1, wasm, notes: [note] }
}

async function open(
  provider: WebProvider,
  bytes: Uint8Array,
  settings: { readonly threads: number; readonly wasm: WebSessionOptions['wasm'] },
  load: LoadWebRuntime,
): Promise<QueuedSession> {
  if (provider === 'webgpu') await expectGpu()
  const ort = await loadWebRuntime(provider, settings, load)
  const engine = await openOrtEngine(ort, bytes, { executionProviders: [provider], logSeverityLevel: 4 })
  if (provider === 'wasm') return new QueuedSession(engine)
  return new QueuedSession(new LossAwareEngine(engine, await ort.env.webgpu?.device))
}

/** As much of a window's or worker's globals as is asked for; none of it is there on a server. */
const page = globalThis as {
  readonly crossOriginIsolated?: boolean
  readonly navigator?: { readonly gpu?: { requestAdapter(): Promise<unknown> } }
}

/** Says why WebGPU cannot be, before tens of megabytes are loaded for it. */
async function expectGpu(): Promise<void> {
  const gpu = page.navigator?.gpu
  if (!gpu) throw new Error('this browser has no WebGPU, or the page is not served over https.')
  if (!(await gpu.requestAdapter())) throw new Error('this machine offers no GPU adapter.')
}

/** Turns what a lost GPU leads to into one kind of error. */
class LossAwareEngine implements Engine {
  readonly inputs: Engine['inputs']
  readonly outputs: Engine['outputs']
  readonly #engine: Engine
  #lost: DeviceLostError | undefined
  /** Ends the run that goes on: a lost device may leave it hanging for ever. */
  #abort: ((reason: DeviceLostError) => void) | undefined

  constructor(engine: Engine, device: WebGpuDevice | undefined) {
    this.#engine = engine
    this.inputs = engine.inputs
    this.outputs = engine.outputs
    void device?.lost.then(({ message }) => {
      this.#lost = new DeviceLostError(`The GPU was lost (${message || 'no reason given'}); open the session again.`)
      this.#abort?.(this.#lost)
    })
  }

  async run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
    if (this.#lost) throw this.#lost
    return new Promise((resolve, reject) => {
      // One callback that is replaced, not a race: racing with a promise that never settles keeps every run's results.
      this.#abort = reject
      this.#engine.run(feeds).then(resolve, reject)
    })
  }

  async release(): Promise<void> {
    // Nothing of a lost device can be given back.
    await this.#engine.release().catch((error: unknown) => {
      if (!this.#lost) throw error
    })
  }
}
