import type { Backend } from '@3ddfa/core'
import { Heap } from './heap.ts'
import type { Kernels } from './kernels.ts'
import { loadModule, type WasmSource } from './load-module.ts'
import { WasmBackend } from './wasm-backend.ts'

export { type CompiledModule, hasSimd, type WasmSource } from './load-module.ts'

/**
 * The kernels in WebAssembly, for browsers, workers and Node: the same bits as core's `ReferenceBackend`, `decode` within
 * 0.02 px. Each backend has an instance and memory of its own (at most 2 GB), all of which `dispose` gives back.
 * @throws {Error} one sentence when the WebAssembly cannot be loaded.
 */
export async function createWasmBackend(source: WasmSource = {}): Promise<Backend> {
  const kernels = await start(await loadModule(source))
  kernels._initialize()
  return new WasmBackend(new Heap(kernels))
}

async function start(module: WebAssembly.Module): Promise<Kernels> {
  const names = WebAssembly.Module.exports(module).map(({ name }) => name)
  if (!names.includes('resample') || !names.includes('rasterize'))
    throw new Error('Expected the WebAssembly of @3ddfa/render-wasm for wasm but received another one.')
  // Heap views are made anew for each use, so there is nothing to do when memory grows.
  const imports = { env: { emscripten_notify_memory_growth: () => {} } }
  try {
    return (await WebAssembly.instantiate(module, imports)).exports as unknown as Kernels
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The WebAssembly does not start here (${reason}); dispose other backends.`, { cause })
  }
}
