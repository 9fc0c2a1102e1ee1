import { type Backend, type MorphableModel, prepareModel } from '@3ddfa/core'
import { expect, it } from 'vitest'
import { createNativeBackend } from './native-backend.ts'

const vertexCount = 20_000
const components = 40
const model: MorphableModel = {
  id: 'large',
  vertexCount,
  shapeCount: components,
  expressionCount: 0,
  mean: new Float32Array(3 * vertexCount),
  basis: new Float32Array(3 * vertexCount * components),
  triangles: Uint32Array.of(0, 1, 2),
  landmarks: new Uint32Array(68),
  uv: new Float32Array(2 * vertexCount),
  ncc: new Float32Array(3 * vertexCount),
}

let backend: Backend | undefined
let reason = ''
try {
  backend = createNativeBackend()
} catch (error) {
  if (process.env['TDFA_REQUIRE_NATIVE']) throw error
  reason = ` (skipped: ${(error as Error).message.split(' (', 1)[0]})`
}

it.skipIf(!backend)(`the garbage collector knows what Rust holds for a model${reason}`, () => {
  const external = (): number => process.memoryUsage().external
  // 16 bits a number.
  const packed = 2 * model.basis.length
  const before = external()
  prepareModel(backend!, model)
  expect(external() - before).toBeGreaterThan(packed)
  backend!.dispose()
  expect(external() - before).toBeLessThan(packed / 2)
})
