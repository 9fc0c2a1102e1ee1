import type { Backend } from '@3ddfa/core'
import { Heap } from './heap.ts'
import type { Kernels } from './kernels.ts'
import { loadModule, type WasmSource } from './load-module.ts'
import { WasmBackend } from './wasm-backend.ts'

export { hasSimd, type WasmSource } from './load-module.ts'

/**
 * The kernels in WebAssembly, for browsers, workers and Node: the same bits as core's `ReferenceBackend`, `decode` within
 * 0.02 px. Each backend has an instance and memory of its own (at most 2 GB), all of which `dispose` gives back.
 * @throws {Error} one sentence when the WebAssembly cannot be loaded.
 */
export async function createWasmBackend(source: WasmSource = {}): Promise<Backend> {
  const module = await loadModule(source)
  // Heap views are made anew for each use, so there is nothing to do when memory grows.
  const imports = { env: { emscripten_notify_memory_growth: () => {} } }
  const instance = await WebAssembly.instantiate(module, imports)
  const kernels = instance.exports as unknown as Kernels
  if (!kernels.allocate || !kernels.rasterize)
    throw new Error('Expected the WebAssembly of @3ddfa/render-wasm for wasm but received another one.')
  kernels._initialize()
  return new WasmBackend(new Heap(kernels))
}
