import { expect, isArrayOf, type Session } from '@3ddfa/core'
import type { Engine } from './engine.ts'
import { DeviceLostError, GpuEngine } from './gpu-engine.ts'
import { openOrtEngine } from './ort-engine.ts'
import { QueuedSession } from './queued-session.ts'
import { takeTurn } from './turns.ts'
import {
  allowedThreads,
  checkOptions,
  expectGpu,
  explainThreads,
  sourceFor,
  WEB_SESSION_DEFAULTS,
  type WebSessionOptions,
} from './web-options.ts'
import {
  explainStart,
  importWebRuntime,
  type LoadWebRuntime,
  loadWebRuntime,
  type RuntimeSettings,
  type WasmSource,
  type WebOrtModule,
  type WebProvider,
} from './web-runtime.ts'

export { DeviceLostError } from './gpu-engine.ts'
export { WEB_SESSION_DEFAULTS, type WebSessionOptions } from './web-options.ts'
export type { WasmSource, WebProvider }

/** A session that tells what it runs on. */
export interface WebSession extends Session {
  readonly provider: WebProvider
  /** onnxruntime-web's, such as `1.30.0`. */
  readonly runtimeVersion: string
  /** Why it is not what was asked for, a sentence each; empty when it is. */
  readonly notes: readonly string[]
}

/**
 * Loads an ONNX network with onnxruntime-web, which this function imports on its first call. Works in windows and module
 * workers; computes on the calling thread (`wasm`) or the GPU (`webgpu`), where the sessions of a page take turns.
 * @param model bytes of an `.onnx` file (not kept).
 * @throws {InvalidInputError} when an option is out of range.
 * @throws {Error} one message with every provider that was tried and why it failed; `cause` is the last one's error.
 */
export async function createWebSession(
  model: Uint8Array | ArrayBuffer,
  options: WebSessionOptions = {},
  load: LoadWebRuntime = importWebRuntime,
): Promise<WebSession> {
  const bytes = model instanceof ArrayBuffer ? new Uint8Array(model) : model
  expect(isArrayOf(bytes, 'Uint8Array') && bytes.length > 0, 'model', 'the bytes of an ONNX file', model)
  const { providers = WEB_SESSION_DEFAULTS.providers, threads = WEB_SESSION_DEFAULTS.threads } = options
  checkOptions(providers, threads, options.wasm)
  const notes: string[] = []
  let cause: unknown
  for (const provider of providers) {
    try {
      const settings = { wasm: sourceFor(provider, options.wasm), threads: allowedThreads(threads) }
      const { session, running, runtimeVersion } = await open(provider, bytes, settings, load)
      if (provider === 'wasm' && running !== threads) notes.push(explainThreads(running))
      return Object.assign(session, { provider, runtimeVersion, notes })
    } catch (error) {
      cause = error
      notes.push(`${provider}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(`Could not load the network of ${bytes.length} bytes. ${notes.join(' ')}`, { cause })
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

async function open(
  provider: WebProvider,
  bytes: Uint8Array,
  asked: RuntimeSettings,
  load: LoadWebRuntime,
): Promise<{ session: QueuedSession; running: number; runtimeVersion: string }> {
  if (provider === 'webgpu') await expectGpu()
  const { ort, settings } = await loadWebRuntime(provider, asked, load)
  const engine = await openEngine(provider, ort, bytes).catch((error: unknown) => {
    throw explainStart(error, settings.wasm)
  })
  const runtimeVersion = ort.env.versions.web ?? 'unknown'
  return { session: new QueuedSession(engine), running: settings.threads, runtimeVersion }
}

function openEngine(provider: WebProvider, ort: WebOrtModule, bytes: Uint8Array): Promise<Engine> {
  const options = { executionProviders: [provider], logSeverityLevel: 4 } as const
  if (provider === 'wasm') return openOrtEngine(ort, bytes, options)
  return takeTurn(ort, async () => {
    const engine = await openOrtEngine(ort, bytes, options)
    const device = await ort.env.webgpu?.device
    // onnxruntime keeps a device as long as any session lives on it, even a lost one; a race of settled promises has the first win.
    const lost = await Promise.race([device?.lost, undefined])
    if (!lost) return new GpuEngine(engine, ort, device)
    await engine.release().catch(() => undefined)
    throw new DeviceLostError('the GPU was lost; dispose all WebGPU sessions before new ones are opened.')
  })
}
