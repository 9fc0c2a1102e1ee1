import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createImage, createRenderTarget, type FaceParams, LIGHT_DEFAULTS, type MorphableModel } from '@3ddfa/core'
import { describe, expect, it } from 'vitest'
import { Heap } from './heap.ts'
import type { Kernels } from './kernels.ts'
import { loadModule } from './load-module.ts'
import { WasmBackend } from './wasm-backend.ts'

const COLUMNS = 100
const ROI = { x1: 0, y1: 0, x2: 120, y2: 120 }

/** A backend with its kernels, of which `releases` counts the freed models. */
async function openBackend(): Promise<{ backend: WasmBackend; kernels: Kernels; releases: () => number }> {
  const imports = { env: { emscripten_notify_memory_growth: () => {} } }
  const { exports } = await WebAssembly.instantiate(await loadModule({}), imports)
  const kernels = exports as unknown as Kernels
  let count = 0
  const model_release = (model: number): void => {
    count++
    kernels.model_release(model)
  }
  kernels._initialize()
  return { backend: new WasmBackend(new Heap({ ...kernels, model_release })), kernels, releases: () => count }
}

/** A sheet of 10,000 vertices with 50 components. */
function sheet(): MorphableModel {
  const vertexCount = COLUMNS * COLUMNS
  const mean = Float32Array.from({ length: 3 * vertexCount }, (_, i) =>
    i % 3 === 2 ? 0 : Math.floor(i / 3 / (i % 3 ? COLUMNS : 1)) % COLUMNS,
  )
  const triangles = Uint32Array.from({ length: 3 * (vertexCount - COLUMNS - 1) }, (_, i) =>
    i % 3 < 2 ? Math.floor(i / 3) + (i % 3) : Math.floor(i / 3) + COLUMNS,
  )
  const [shapeCount, expressionCount] = [40, 10]
  const basis = new Float32Array(150 * vertexCount).fill(0.01)
  const rest = { landmarks: new Uint32Array(68), uv: new Float32Array(2 * vertexCount), ncc: mean }
  return { id: 'sheet', vertexCount, shapeCount, expressionCount, mean, basis, triangles, ...rest }
}

const params: FaceParams = {
  camera: Float32Array.of(1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1),
  shape: new Float32Array(40),
  expression: new Float32Array(10),
}

/** Everything that is done to one face. */
function draw(backend: WasmBackend, model: MorphableModel): void {
  const image = createImage(160, 160)
  backend.resample(image, ROI, createImage(120, 120))
  const mesh = {
    vertices: backend.decode(model, params, { roi: ROI, inputSize: 120 }),
    triangles: model.triangles,
  }
  const target = createRenderTarget(image, [mesh.vertices])
  backend.rasterize(mesh, target)
  const colors = backend.light(mesh, backend.vertexNormals(mesh), LIGHT_DEFAULTS)
  backend.shade(mesh, colors, target, image)
  expect(image.data.some((value) => value > 0)).toBe(true)
}

describe('the memory of the wasm backend', () => {
  it('does not grow from frame to frame', async () => {
    const { backend, kernels } = await openBackend()
    const model = sheet()
    draw(backend, model)
    const after = kernels.memory.buffer.byteLength
    for (let frame = 0; frame < 100; frame++) draw(backend, model)
    expect(kernels.memory.buffer.byteLength).toBe(after)
  })

  it('takes back the models that nobody holds any more', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { backend, kernels, releases } = await openBackend()
    const kept = sheet()
    for (let i = 0; i < 3; i++) draw(backend, sheet())
    draw(backend, kept)
    for (let tries = 0; tries < 100 && releases() < 3; tries++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(releases()).toBe(3)
    const { byteLength } = kernels.memory.buffer
    // In the place of those that are gone.
    for (let i = 0; i < 2; i++) draw(backend, sheet())
    draw(backend, kept)
    expect(kernels.memory.buffer.byteLength).toBe(byteLength)
  })
})
