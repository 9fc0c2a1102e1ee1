import type { Backend, MeshView, RenderTarget } from '@3ddfa/core'

/**
 * One thing that every backend must do. It knows no test runner, so that it works in vitest, in a page or in a script:
 * `run` gives undefined when `backend` passes, else one line that says what differs and where.
 */
export interface Check {
  readonly name: string
  run(backend: Backend, reference: Backend): string | undefined
}

/** An empty target whose top-left pixel is (x, y). */
export function emptyTarget(width: number, height: number, x = 0, y = 0): RenderTarget {
  const depth = new Float32Array(width * height).fill(-Infinity)
  return { x, y, width, height, depth, triangleIds: new Int32Array(width * height).fill(-1) }
}

export function rasterized(backend: Backend, mesh: MeshView, target: RenderTarget, firstId = 0): RenderTarget {
  backend.rasterize(mesh, target, firstId)
  return target
}
