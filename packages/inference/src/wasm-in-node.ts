import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { LoadWebRuntime } from './web-runtime.ts'

// What a bundler for Node would follow it would have to find, and onnxruntime-web is a choice; its WebAssembly is no module
// either. So no specifier here is literal, and Node finds the package when it is asked for.

let read: Promise<Uint8Array | undefined> | undefined

/** The bytes of onnxruntime-web's WebAssembly, read once, or undefined where that package is not installed. */
export function readWasm(): Promise<Uint8Array | undefined> {
  read ??= readFromPackage('onnxruntime-web')
  return read
}

/** onnxruntime-web's builds, as Node finds them. */
export const importWasmRuntime: LoadWebRuntime = (provider) => importUnseen(`onnxruntime-web/${provider}`)

function importUnseen(specifier: string): Promise<unknown> {
  return import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ specifier)
}

async function readFromPackage(name: string): Promise<Uint8Array | undefined> {
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/ort-wasm-simd-threaded.wasm`)
    return new Uint8Array(await readFile(path))
  } catch {
    return undefined
  }
}
