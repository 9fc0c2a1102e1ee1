import type { Backend } from '@3ddfa/core'
import { expect, it } from 'vitest'
import { createNativeBackend } from './native-backend.ts'

let backend: Backend | undefined
let reason = ''
try {
  backend = createNativeBackend()
} catch (error) {
  if (process.env['TDFA_REQUIRE_NATIVE']) throw error
  reason = ` (skipped: ${(error as Error).message.split(' (', 1)[0]})`
}

it.skipIf(!backend)(`meshes that nobody draws any more do not pile up${reason}`, async () => {
  const vertexCount = 60_000
  // All degenerate: nothing is to be drawn.
  const triangles = Uint32Array.from({ length: 3 * 200_000 }, (_, i) => Math.floor(i / 3) % vertexCount)
  const vertices = new Float32Array(3 * vertexCount)
  const image = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } as const
  const window = { x: 0, y: 0, width: 1, height: 1 }
  const light = { ambient: 1, directional: 0, specular: 0, position: [0, 0, 1] } as const
  const megabytes = (): number => process.memoryUsage().rss / 1e6
  const before = megabytes()
  // Rust holds some 6 MB for each, of which the garbage collector has to be told.
  for (let i = 0; i < 100; i++) {
    backend!.drawLit!({ triangles, vertexCount }, [vertices], window, image, light)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(megabytes() - before).toBeLessThan(250)
  backend!.dispose()
})
