import type { Backend, RenderTarget } from '@3ddfa/core'
import { BACKENDS } from '../backends.ts'
import { attempt, type Check } from './check.ts'

/** Each backend draws a triangle; any one of them is enough. */
export async function* checkBackends(): AsyncGenerator<Omit<Check, 'group'>> {
  for (const { id, create } of BACKENDS) {
    yield attempt(id, false, async () => {
      const backend = await create()
      try {
        return drawTriangle(backend)
      } finally {
        backend.dispose()
      }
    })
  }
}

function drawTriangle(backend: Backend): string {
  const target: RenderTarget = {
    ...{ x: 0, y: 0, width: 4, height: 4 },
    depth: new Float32Array(16).fill(Number.NEGATIVE_INFINITY),
    triangleIds: new Int32Array(16).fill(-1),
  }
  const mesh = { vertices: Float32Array.of(0, 0, 1, 4, 0, 1, 0, 4, 1), triangles: Uint32Array.of(0, 1, 2) }
  backend.rasterize(mesh, target)
  const painted = target.triangleIds.filter((id) => id === 0).length
  // The half of the square above its falling diagonal, which belongs to the other half by the top-left rule.
  if (painted !== 10) throw new Error(`a triangle of 10 pixels came out as ${painted}`)
  return 'drew a triangle'
}
