// esbuild does not follow `new URL(..., import.meta.url)`: the WebAssembly is imported as a file, the worker is an entry.
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm'
import { show } from '../shared/show.js'

show(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }), new URL(wasm, import.meta.url).href)
