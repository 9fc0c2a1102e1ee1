import { expect, isArrayBuffer, isArrayOf, type Session } from '@3ddfa/core'
import type { Engine } from './engine.ts'
import { DeviceLostError, GpuEngine } from './gpu-engine.ts'
import { explainPage, NetworkLoadError } from './network-load-error.ts'
import { openOrtEngine } from './ort-engine.ts'
import { QueuedSession } from './queued-session.ts'
import { runtimeReason } from './runtime-reason.ts'
import { TurnEngine, takeTurn } from './turns.ts'
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
  type LoadWebRuntime,
  loadWebRuntime,
  type RuntimeSettings,
  type WebOrtModule,
  type WebProvider,
} from './web-runtime.ts'

/** A session that tells what it runs on. */
export interface WebSession extends Session {
  readonly provider: WebProvider
  /** onnxruntime-web's, such as `1.30.0`. */
  readonly runtimeVersion: string
  /** Why it is not what was asked for, a sentence each; empty when it is. */
  readonly notes: readonly string[]
}

/** `createWebSession` with the runtime from where the platform has it. */
export async function openWebSession(
  load: LoadWebRuntime,
  model: Uint8Array | ArrayBuffer,
  options: WebSessionOptions = {},
): Promise<WebSession> {
  const bytes = isArrayBuffer(model) ? new Uint8Array(model) : model
  expect(isArrayOf(bytes, 'Uint8Array') && bytes.length > 0, 'model', 'the bytes of an ONNX file', model)
  const {
    executionProviders: providers = WEB_SESSION_DEFAULTS.executionProviders,
    threads = WEB_SESSION_DEFAULTS.threads,
  } = options
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
      notes.push(`${provider}: ${runtimeReason(error)}`)
    }
  }
  const what = `Could not load the network of ${bytes.length} bytes. ${notes.join(' ')}`
  throw new NetworkLoadError(what + explainPage(bytes), { cause })
}

/** The smallest network that there is: y = x. */
const IDENTITY =
  'CAgSDUAzZGRmYS9tb2RlbHM6OgoTCgF4EgF5GgF5IghJZGVudGl0eRIBdFoPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEBE='

/** `prepareWebRuntime` with the runtime from where the platform has it. */
export async function prepareRuntime(load: LoadWebRuntime, options?: WebSessionOptions): Promise<void> {
  const identity = Uint8Array.from(atob(IDENTITY), (character) => character.charCodeAt(0))
  await openWebSession(load, identity, options).then(
    (session) => session.dispose().catch(() => undefined),
    () => undefined,
  )
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
  return takeTurn(ort, async () => {
    const engine = await openOrtEngine(ort, bytes, options)
    return new TurnEngine(provider === 'webgpu' ? await onDevice(engine, ort) : engine, ort)
  })
}

async function onDevice(engine: Engine, ort: WebOrtModule): Promise<Engine> {
  const device = await ort.env.webgpu?.device
  // onnxruntime keeps a device as long as any session lives on it, even a lost one; a race of settled promises has the first win.
  const lost = await Promise.race([device?.lost, undefined])
  if (!lost) return new GpuEngine(engine, device)
  await engine.release().catch(() => undefined)
  throw new DeviceLostError('the GPU was lost; dispose all WebGPU sessions before new ones are opened.')
}
