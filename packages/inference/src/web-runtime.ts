import type { WebGpuDevice } from './gpu-engine.ts'
import type { OrtModule } from './ort-engine.ts'

/** What onnxruntime-web can compute with. */
export type WebProvider = 'webgpu' | 'wasm'

/** Where a WebAssembly file lies (absolute, or relative to the page or worker), or its bytes. */
export type WasmSource = string | URL | ArrayBuffer | ArrayBufferView

/** Where onnxruntime-web finds its WebAssembly, and how it runs. */
export interface RuntimeSettings {
  readonly wasm: WasmSource | undefined
  readonly threads: number
}

/** The part of onnxruntime-web's module that is not common to all runtimes. */
export interface WebOrtModule extends OrtModule {
  readonly env: OrtModule['env'] & {
    readonly wasm: {
      wasmPaths?: string | { wasm?: string | URL } | undefined
      wasmBinary?: ArrayBufferLike | Uint8Array | undefined
      numThreads?: number | undefined
    }
    readonly webgpu?: { readonly device?: Promise<WebGpuDevice> }
  }
}

export type LoadWebRuntime = (provider: WebProvider) => Promise<unknown>

/** Of the runtimes that are set up: one starts with its first session and cannot be changed afterwards. */
const settingsOf = new WeakMap<object, RuntimeSettings>()

/**
 * Imports the build of onnxruntime-web for a provider, and tells it before its first session where its WebAssembly lies and
 * how many threads to run.
 * @returns the runtime and the settings in force, which are an earlier session's where there was one.
 * @throws {Error} one sentence that says why it cannot be imported and what to do.
 */
export async function loadWebRuntime(
  provider: WebProvider,
  asked: RuntimeSettings,
  load: LoadWebRuntime,
): Promise<{ ort: WebOrtModule; settings: RuntimeSettings }> {
  const loaded = await load(provider).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `Could not load onnxruntime-web/${provider} (${reason}). Install it: npm install onnxruntime-web; and see that the bundler's output is served whole.`,
      { cause },
    )
  })
  const module = loaded as WebOrtModule & { default?: WebOrtModule }
  const ort = module.InferenceSession ? module : module.default
  if (!ort?.InferenceSession || !ort.env?.wasm)
    throw new Error(
      `Could not load onnxruntime-web/${provider} (it exports no InferenceSession). Version 1.30 or newer is needed.`,
    )
  const settings = settingsOf.get(ort) ?? asked
  if (settings === asked) configure(ort, asked)
  settingsOf.set(ort, settings)
  return { ort, settings }
}

function configure({ env }: WebOrtModule, { wasm, threads }: RuntimeSettings): void {
  if (env.logLevel === 'warning') env.logLevel = 'fatal'
  env.wasm.numThreads = threads
  // Where nothing is said, onnxruntime-web takes the file beside its module; it knows no other origin.
  if (typeof wasm === 'string' || wasm instanceof URL) env.wasm.wasmPaths = { wasm: String(wasm) }
  else if (wasm) env.wasm.wasmBinary = bytesOf(wasm)
}

function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source)
}

/** What onnxruntime-web's complaint means when its WebAssembly did not start, which is final: it never tries twice. */
export function explainStart(error: unknown, wasm: WasmSource | undefined): unknown {
  const message = error instanceof Error ? error.message : ''
  const [, text] = /^no available backend found\. ERR: \[\w+\] (.*)/s.exec(message) ?? []
  if (text === undefined) return error
  if (/\bSIMD\b/.test(text))
    return new Error("this browser's WebAssembly has no SIMD, which onnxruntime needs; use a newer browser.", {
      cause: error,
    })
  const [, reason = text] = /Aborted\((.*)\)\. Build with/s.exec(text) ?? []
  const given = typeof wasm === 'string' || wasm instanceof URL ? `at ${wasm}` : 'in the given bytes'
  const place = wasm === undefined ? 'beside its module' : given
  return new Error(
    `onnxruntime's WebAssembly ${place} does not start (${reason}); see that the file is there, then load the page again.`,
    { cause: error },
  )
}
