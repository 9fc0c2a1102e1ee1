import { allChecks, disposeCheck } from '@3ddfa/conformance'
import { ReferenceBackend } from '@3ddfa/core'
import { createWasmBackend } from '@3ddfa/render-wasm'

/** What each check says of the wasm backend; undefined is good. */
async function check(simd: boolean): Promise<[name: string, finding: string | undefined][]> {
  const [backend, other] = [await createWasmBackend({ simd }), await createWasmBackend({ simd })]
  const reference = new ReferenceBackend()
  return [...allChecks(), disposeCheck(() => other)].map(({ name, run }) => [name, run(backend, reference)])
}

Object.assign(globalThis, { check })
