import { type Backend, type BackendFactory, pickBackend, ReferenceBackend } from '@3ddfa/core'
import type { Console } from './console.ts'
import { messageOf } from './errors.ts'

export type BackendId = 'native' | 'wasm' | 'reference'

/** The mesh backends, fastest first. Each loads its package when it is created. */
export const BACKENDS: readonly (BackendFactory & { readonly id: BackendId })[] = [
  { id: 'native', create: createNative },
  { id: 'wasm', create: createWasm },
  { id: 'reference', create: () => new ReferenceBackend() },
]

/** A named backend must work; `auto` says when it is not the fastest one. */
export async function openBackend(wanted: 'auto' | BackendId, console: Console): Promise<Backend> {
  if (wanted !== 'auto') return openNamedBackend(wanted)
  const { backend, failures } = await pickBackend(BACKENDS)
  for (const { id, reason } of failures) console.detail(`The mesh backend ${id} does not work here: ${reason}.`)
  if (backend.id !== BACKENDS[0]!.id)
    console.warn(
      `The ${BACKENDS[0]!.id} mesh backend does not work here (see 3ddfa doctor); ${backend.id} takes its place: same results, slower.`,
    )
  return backend
}

async function openNamedBackend(wanted: BackendId): Promise<Backend> {
  try {
    return await BACKENDS.find(({ id }) => id === wanted)!.create()
  } catch (error) {
    throw new Error(`The mesh backend ${wanted} does not work here: ${messageOf(error)}`, { cause: error })
  }
}

async function createNative(): Promise<Backend> {
  const { createNativeBackend } = await import('@3ddfa/render-native')
  return createNativeBackend()
}

async function createWasm(): Promise<Backend> {
  const { createWasmBackend } = await import('@3ddfa/render-wasm')
  return createWasmBackend()
}
