import { expect, isArrayBuffer } from '@3ddfa/core'
import type { WasmSource, WebProvider } from './web-runtime.ts'

/** Options of `createWebSession`. */
export interface WebSessionOptions {
  /** In order of preference; the first that works here runs. `['wasm']` unless given. */
  readonly executionProviders?: readonly WebProvider[] | undefined
  /**
   * The provider's WebAssembly (`ort-wasm-simd-threaded.wasm` for `wasm`, `ort-wasm-simd-threaded.asyncify.wasm` for `webgpu`;
   * both in onnxruntime-web's `dist`), or one for each: `{ webgpu, wasm }`. Unless given, the file beside onnxruntime-web's
   * module, which Vite, webpack and Next bring along by themselves. Never another origin. A provider's first session decides.
   */
  readonly wasm?: WasmSource | Readonly<Partial<Record<WebProvider, WasmSource>>> | undefined
  /**
   * Threads of the `wasm` provider, 1 to 64. More than one needs a cross-origin isolated page; anywhere else one is taken, and
   * `notes` says so. One unless given: on small machines more are slower. The first session decides.
   */
  readonly threads?: number | undefined
}

/** What `createWebSession` takes where an option is missing. */
export const WEB_SESSION_DEFAULTS: { readonly executionProviders: readonly WebProvider[]; readonly threads: number } = {
  executionProviders: ['wasm'],
  threads: 1,
}

/** As much of a window's or worker's globals as is asked for; none of it is there on a server. */
const page = globalThis as {
  readonly crossOriginIsolated?: boolean
  readonly navigator?: { readonly gpu?: { requestAdapter(): Promise<unknown> } }
}

/** @throws {InvalidInputError} when one is out of range. */
export function checkOptions(
  providers: readonly WebProvider[],
  threads: number,
  wasm: WebSessionOptions['wasm'],
): void {
  const known = providers.length > 0 && providers.every((p) => p === 'webgpu' || p === 'wasm')
  expect(known, 'executionProviders', 'one or more of webgpu, wasm', providers.join() || providers)
  expect(Number.isInteger(threads) && threads >= 1 && threads <= 64, 'threads', 'an integer in [1, 64]', threads)
  const clear = wasm === undefined || providers.length === 1 || !isSource(wasm)
  expect(clear, 'wasm', 'one for each provider ({ webgpu, wasm }), since their files differ,', wasm)
}

/** Where a provider's WebAssembly is. */
export function sourceFor(provider: WebProvider, wasm: WebSessionOptions['wasm']): WasmSource | undefined {
  return wasm === undefined || isSource(wasm) ? wasm : wasm[provider]
}

function isSource(wasm: NonNullable<WebSessionOptions['wasm']>): wasm is WasmSource {
  const bytes = isArrayBuffer(wasm) || ArrayBuffer.isView(wasm)
  return typeof wasm === 'string' || wasm instanceof URL || bytes
}

/** As many threads as this page may have. */
export function allowedThreads(threads: number): number {
  return page.crossOriginIsolated ? threads : 1
}

/** Why another number of threads runs than was asked for. */
export function explainThreads(running: number): string {
  if (page.crossOriginIsolated)
    return `onnxruntime runs with ${running} ${running === 1 ? 'thread' : 'threads'}, as the first session of this page chose.`
  return 'One thread runs, since this page is not cross-origin isolated (serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp).'
}

/** Says why WebGPU cannot be, before tens of megabytes are loaded for it. */
export async function expectGpu(): Promise<void> {
  const gpu = page.navigator?.gpu
  if (!gpu) throw new Error('this browser has no WebGPU, or the page is not served over https.')
  if (!(await gpu.requestAdapter())) throw new Error('this machine offers no GPU adapter.')
}
