// Timings of the mesh backends' kernels on one face: pnpm --filter @3ddfa/benchmarks kernels (medians in ms, one thread)
import { readFileSync } from 'node:fs'
import {
  type Backend,
  createImage,
  createRenderTarget,
  LIGHT_DEFAULTS,
  type MorphableModel,
  ReferenceBackend,
} from '@3ddfa/core'
import { quantile } from '@3ddfa/core/evaluation'
import { createNativeBackend } from '@3ddfa/render-native'
import { createWasmBackend } from '@3ddfa/render-wasm'
import { interleave, parseNpy } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'

const golden = shared('golden')
if (!golden) throw new Error('Needs ../shared/golden.')
const npy = (name: string) => parseNpy(readFileSync(`${golden}/${name}.npy`))
const n = 38365
const mesh = { vertices: interleave(npy('trump_hillary_dense').data, n), triangles: Uint32Array.from(npy('tri').data) }
const model: MorphableModel = {
  id: 'waves',
  vertexCount: n,
  shapeCount: 40,
  expressionCount: 10,
  mean: mesh.vertices,
  basis: Float32Array.from({ length: 150 * n }, (_, i) => Math.sin(i)),
  triangles: mesh.triangles,
  landmarks: new Uint32Array(68),
  uv: new Float32Array(2 * n),
  ncc: new Float32Array(3 * n),
}
const params = {
  camera: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0),
  shape: new Float32Array(40).fill(0.1),
  expression: new Float32Array(10).fill(0.1),
}
const image = createImage(1536, 689)
const small = createImage(1080, 484)
const out = new Float32Array(3 * n)

function median(body: () => void, runs: number): string {
  const times: number[] = []
  for (let i = 0; i < runs + 10; i++) {
    const start = performance.now()
    body()
    if (i >= 10) times.push(performance.now() - start)
  }
  return quantile(times, 0.5).toFixed(3)
}

const backends: [Backend, number][] = [
  [createNativeBackend(), 300],
  [await createWasmBackend({ simd: true }), 300],
  [await createWasmBackend({ simd: false }), 50],
  [new ReferenceBackend(), 10],
]
const table: Record<string, Record<string, string>> = {}
for (const [backend, runs] of backends) {
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
  const name = table['wasm'] && backend.id === 'wasm' ? 'wasm without SIMD' : backend.id
  table[name] = Object.fromEntries(Object.entries(rows).map(([kernel, body]) => [kernel, median(body, runs)]))
}
console.table(
  Object.fromEntries(
    Object.keys(table['native']!).map((k) => [
      k,
      Object.fromEntries(Object.entries(table).map(([name, times]) => [name, times[k]])),
    ]),
  ),
)
