import type { WebSessionOptions } from './web-options.ts'
import type { LoadWebRuntime } from './web-runtime.ts'
import { openWebSession, prepareRuntime, type WebSession } from './web-session.ts'

export { DeviceLostError } from './gpu-engine.ts'
export { NetworkLoadError } from './network-load-error.ts'
export { WEB_SESSION_DEFAULTS, type WebSessionOptions } from './web-options.ts'
export type { WasmSource, WebProvider } from './web-runtime.ts'
export type { WebSession }

/** Each provider's own build: the one with WebGPU brings a WebAssembly of twice the size. Bundlers follow what is literal. */
const importWebRuntime: LoadWebRuntime = (provider) =>
  provider === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm')

/**
 * Loads an ONNX network with onnxruntime-web, which this function imports on its first call. Works in windows and module
 * workers; computes on the calling thread (`wasm`) or the GPU (`webgpu`), where the sessions of a page take turns.
 * @param model bytes of an `.onnx` file (not kept).
 * @throws {InvalidInputError} when an option is out of range.
 * @throws {NetworkLoadError} one message with every provider that was tried and why it failed; `cause` is the last one's error.
 */
export function createWebSession(model: Uint8Array | ArrayBuffer, options?: WebSessionOptions): Promise<WebSession> {
  return openWebSession(importWebRuntime, model, options)
}

/**
 * Brings a provider's runtime up, which takes longer than anything else before the first result; to be called first, so that it
 * goes on while models are fetched. `createWebSession` reports what goes wrong; this does not.
 */
export function prepareWebRuntime(options?: WebSessionOptions): Promise<void> {
  return prepareRuntime(importWebRuntime, options)
}
