import { type Backend, ReferenceBackend } from '@3ddfa/core'
import { createNativeBackend } from '@3ddfa/render-native'
import { createWasmBackend } from '@3ddfa/render-wasm'
import { describe, expect, it } from 'vitest'
import { allChecks, disposeCheck } from './index.ts'

const reference = new ReferenceBackend()

/** Without Rust there is no native backend; CI builds it, and says with this variable that it must be there. */
function nativeOrReason(): (() => Backend) | string {
  try {
    createNativeBackend().dispose()
    return createNativeBackend
  } catch (error) {
    if (process.env['TDFA_REQUIRE_NATIVE']) throw error
    return (error as Error).message.split(' (', 1)[0]!
  }
}

/** Creation is asynchronous, checks are not: one that is made before stands in for `create`. */
async function wasm(simd: boolean): Promise<() => Backend> {
  const made = await Promise.all([createWasmBackend({ simd }), createWasmBackend({ simd })])
  return () => made.pop()!
}

const backends = {
  reference: () => new ReferenceBackend(),
  native: nativeOrReason(),
  wasm: await wasm(true),
  'scalar wasm': await wasm(false),
}

for (const [id, create] of Object.entries(backends)) {
  const missing = typeof create === 'string'
  describe.skipIf(missing)(`the ${id} backend${missing ? ` (skipped: ${create})` : ''}`, () => {
    const backend = missing ? reference : create()
    for (const check of [...allChecks(), disposeCheck(create as () => Backend)])
      it(check.name, () => expect(check.run(backend, reference)).toBeUndefined())
  })
}
