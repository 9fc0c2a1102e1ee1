// Kernel timings of the native backend: pnpm exec tsx packages/render-native/bench/bench.mjs (medians in ms, one thread)
import { readFileSync } from 'node:fs'
import { createImage, createRenderTarget, LIGHT_DEFAULTS, ReferenceBackend } from '@3ddfa/core'
import { shared } from '../../../scripts/shared.mjs'
import { interleave, parseNpy } from '../../core/src/testing.ts'
import { createNativeBackend } from '../src/index.ts'

const golden = shared('golden')
if (!golden) throw new Error('Needs ../shared/golden.')
const npy = (name) => parseNpy(readFileSync(`${golden}/${name}.npy`))
const n = 38365
const mesh = { vertices: interleave(npy('trump_hillary_dense').data, n), triangles: Uint32Array.from(npy('tri').data) }
const model = {
  vertexCount: n,
  shapeCount: 40,
  expressionCount: 10,
  mean: mesh.vertices,
  basis: Float32Array.from({ length: 150 * n }, (_, i) => Math.sin(i)),
}
const params = {
  camera: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0),
  shape: new Float32Array(40).fill(0.1),
  expression: new Float32Array(10).fill(0.1),
}
const image = createImage(1536, 689)
const small = createImage(1080, 484)
const out = new Float32Array(3 * n)

function median(body, runs = 200) {
  const times = []
  for (let i = 0; i < runs + 10; i++) {
    const start = performance.now()
    body()
    if (i >= 10) times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[runs >> 1].toFixed(3)
}

for (const [backend, runs] of [
  [createNativeBackend(), 300],
  [new ReferenceBackend(), 10],
]) {
  const normals = backend.vertexNormals(mesh)
  const colors = backend.light(mesh, normals, LIGHT_DEFAULTS)
  const target = createRenderTarget(image, [mesh.vertices])
  const rows = {
    decode: () => backend.decode(model, params, { roi: { x1: 0, y1: 0, x2: 120, y2: 120 }, inputSize: 120 }, out),
    normals: () => backend.vertexNormals(mesh, out),
    light: () => backend.light(mesh, normals, LIGHT_DEFAULTS, out),
    'target allocation': () => createRenderTarget(image, [mesh.vertices]),
    rasterize: () => {
      target.depth.fill(-Infinity)
      target.triangleIds.fill(-1)
      backend.rasterize(mesh, target)
    },
    shade: () => backend.shade(mesh, colors, target, image, 0.6),
    'whole shaded face': () => {
      const fresh = createRenderTarget(image, [mesh.vertices])
      backend.rasterize(mesh, fresh)
      const lit = backend.light(mesh, backend.vertexNormals(mesh, out), LIGHT_DEFAULTS, colors)
      backend.shade(mesh, lit, fresh, image, 0.6)
    },
    'resample 1536x689 to 1080x484': () => backend.resample(image, { x1: 0, y1: 0, x2: 1536, y2: 689 }, small),
  }
  console.log(backend.id, Object.fromEntries(Object.entries(rows).map(([name, body]) => [name, median(body, runs)])))
}
