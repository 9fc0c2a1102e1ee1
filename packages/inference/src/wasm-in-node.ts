import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

let read: Promise<Uint8Array | undefined> | undefined

/** The bytes of onnxruntime-web's WebAssembly, read once, or undefined where that package is not installed. */
export function readWasm(): Promise<Uint8Array | undefined> {
  read ??= readFromPackage()
  return read
}

async function readFromPackage(): Promise<Uint8Array | undefined> {
  try {
    const path = createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')
    return new Uint8Array(await readFile(path))
  } catch {
    return undefined
  }
}
