import { type Backend, type BackendFactory, ReferenceBackend } from '@3ddfa/core'

export type BackendId = 'native' | 'wasm' | 'reference'

/** The mesh backends, fastest first. Each loads its package when it is created. */
export const BACKENDS: readonly (BackendFactory & { readonly id: BackendId })[] = [
  { id: 'native', create: createNative },
  { id: 'wasm', create: createWasm },
  { id: 'reference', create: () => new ReferenceBackend() },
]

async function createNative(): Promise<Backend> {
  const { createNativeBackend } = await import('@3ddfa/render-native')
  return createNativeBackend()
}

/** An optional package: whoever wants it installs it beside this one. */
async function createWasm(): Promise<Backend> {
  const name: string = '@3ddfa/render-wasm'
  const { createWasmBackend } = await import(name).catch((cause) => {
    throw new Error(`the package ${name} is not installed`, { cause })
  })
  return createWasmBackend()
}
