import type { OrtModule } from './ort-engine.ts'

/** What onnxruntime-web can compute with. */
export type WebProvider = 'webgpu' | 'wasm'

/** Where onnxruntime-web finds its WebAssembly, and how it runs. */
export interface RuntimeSettings {
  readonly wasm: string | URL | ArrayBuffer | ArrayBufferView | undefined
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

/** As much of a GPUDevice as is needed to hear of its loss. */
export interface WebGpuDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>
}

export type LoadWebRuntime = (provider: WebProvider) => Promise<unknown>

/** Each provider's own build: the one with WebGPU brings a WebAssembly of twice the size. */
export const importWebRuntime: LoadWebRuntime = (provider) =>
  provider === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm')

/**
 * Imports the build of onnxruntime-web for a provider. Its WebAssembly is loaded with the first session and stays; where it
 * lies and with how many threads it runs can be said only before that.
 * @throws {Error} one sentence that says why it cannot be imported and what to do.
 */
export async function loadWebRuntime(
  provider: WebProvider,
  { wasm, threads }: RuntimeSettings,
  load: LoadWebRuntime,
): Promise<WebOrtModule> {
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
  if (ort.env.logLevel === 'warning') ort.env.logLevel = 'fatal'
  ort.env.wasm.numThreads = threads
  if (typeof wasm === 'string' || wasm instanceof URL) ort.env.wasm.wasmPaths = { wasm: String(wasm) }
  else if (wasm) ort.env.wasm.wasmBinary = bytesOf(wasm)
  return ort
}

function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source)
}
