import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** The bytes of onnxruntime-web's WebAssembly, or undefined where that package is not installed. */
export async function readWasm(): Promise<Uint8Array | undefined> {
  try {
    const path = createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')
    return new Uint8Array(await readFile(path))
  } catch {
    return undefined
  }
}
