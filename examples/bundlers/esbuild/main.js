// esbuild does not follow `new URL(..., import.meta.url)`: WebAssembly and models are imported as files, the worker is an entry.

import detector from '@3ddfa/open-models/detector.onnx'
import face from '@3ddfa/open-models/face.safetensors'
import regressor from '@3ddfa/open-models/regressor.onnx'
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm'
import { show } from '../shared/show.js'

const url = (path) => new URL(path, import.meta.url).href

show(new Worker(url('./worker.js'), { type: 'module' }), {
  wasm: url(wasm),
  models: { detector: url(detector), face: url(face), regressor: url(regressor) },
})
