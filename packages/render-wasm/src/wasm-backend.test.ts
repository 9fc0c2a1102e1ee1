import {
  type Backend,
  createImage,
  createRenderTarget,
  LIGHT_DEFAULTS,
  type MeshView,
  type MorphableModel,
} from '@3ddfa/core'
import { describe, expect, it } from 'vitest'
import simd from './generated/simd.ts'
import { createWasmBackend, hasSimd } from './index.ts'

const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(simd), (c) => c.charCodeAt(0))
const square = {
  vertices: Float32Array.of(1, 1, 0, 9, 1, 0, 1, 9, 0, 9, 9, 0),
  triangles: Uint32Array.of(0, 1, 2, 1, 3, 2),
}

const NO_MEMORY = /^WebAssembly has no memory for .* MB more/

/** An array that says it is longer than memory that a test could have. */
function standIn<T extends Float32Array | Uint8Array>(array: T, length: number): T {
  return Object.defineProperties(array, {
    length: { value: length },
    byteLength: { value: length * array.BYTES_PER_ELEMENT },
  })
}

/** Pixels that a mesh covers. */
function covered(backend: Backend, mesh: MeshView = square): number {
  const target = createRenderTarget({ width: 16, height: 16 }, [mesh.vertices])
  backend.rasterize(mesh, target)
  return target.triangleIds.filter((id) => id >= 0).length
}

const model: MorphableModel = {
  id: 'square',
  vertexCount: 4,
  shapeCount: 1,
  expressionCount: 1,
  mean: square.vertices,
  basis: new Float32Array(24).fill(0.5),
  triangles: square.triangles.slice(),
  landmarks: new Uint32Array(68),
  uv: new Float32Array(8),
  ncc: new Float32Array(12),
}
const params = {
  camera: Float32Array.of(1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1),
  shape: Float32Array.of(0),
  expression: Float32Array.of(0),
}
const frame = { roi: { x1: 0, y1: 0, x2: 120, y2: 120 }, inputSize: 120 }

describe('createWasmBackend', () => {
  it('is below 40 KB with SIMD', () => {
    expect(bytes().length).toBeLessThan(20_000)
    expect(hasSimd()).toBe(true)
  })

  it('takes its own WebAssembly, bytes, a module, a response or a URL', async () => {
    const url = `data:application/wasm;base64,${simd}`
    const module = await WebAssembly.compile(bytes())
    const response = (): Response => new Response(bytes(), { headers: { 'content-type': 'application/wasm' } })
    const sources = [
      undefined,
      bytes(),
      bytes().buffer,
      module,
      response(),
      Promise.resolve(response()),
      url,
      new URL(url),
    ]
    for (const wasm of sources) expect(covered(await createWasmBackend({ wasm }))).toBe(64)
    expect(covered(await createWasmBackend({ simd: false }))).toBe(64)
  })

  it('says what it cannot load', async () => {
    await expect(createWasmBackend({ wasm: Uint8Array.of(1, 2, 3) })).rejects.toThrow('does not compile here')
    await expect(createWasmBackend({ wasm: new Response('', { status: 404 }) })).rejects.toThrow('answered 404')
    await expect(createWasmBackend({ wasm: 'file:///nowhere/simd.wasm' })).rejects.toThrow(
      'read the file and give its bytes',
    )
    await expect(createWasmBackend({ wasm: 7 as never })).rejects.toThrow(
      'Expected bytes, a module, a response or a URL',
    )
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)
    const importing = Uint8Array.of(...empty, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0)
    for (const wasm of [empty, importing])
      await expect(createWasmBackend({ wasm })).rejects.toThrow('received another one')
  })

  it('keeps working while its memory grows', async () => {
    const backend = await createWasmBackend()
    const before = backend.decode(model, params, frame)
    const large = createImage(4000, 3000)
    large.data.fill(200)
    const small = createImage(40, 30)
    backend.resample(large, { x1: 0, y1: 0, x2: 4000, y2: 3000 }, small)
    expect(small.data.every((value) => value === 200)).toBe(true)
    expect(backend.decode(model, params, frame)).toEqual(before)
    expect(covered(backend)).toBe(64)
  })

  it('does not fall for triangles that change', async () => {
    const backend = await createWasmBackend()
    const triangles = square.triangles.slice()
    expect(covered(backend, { ...square, triangles })).toBe(64)
    triangles.set(triangles.subarray(0, 3), 3)
    expect(covered(backend, { ...square, triangles })).toBe(36)
  })

  it('uploads a model once, whose triangles then count', async () => {
    const backend = await createWasmBackend()
    backend.decode(model, params, frame)
    const mesh = { vertices: square.vertices, triangles: model.triangles }
    expect(covered(backend, mesh)).toBe(64)
    const few = { vertices: square.vertices.subarray(0, 9), triangles: model.triangles }
    expect(() => backend.vertexNormals(few)).toThrow('Expected indices below 3 for mesh.triangles but received 3.')
    const twin = { ...model, id: 'twin', mean: model.mean.map((v) => v + 1) }
    expect(backend.decode(twin, params, frame)[0]).toBe(backend.decode(model, params, frame)[0]! + 1)
  })

  it('is one of several', async () => {
    const [a, b] = [await createWasmBackend(), await createWasmBackend()]
    a.dispose()
    expect(() => covered(a)).toThrow('disposed')
    expect(covered(b)).toBe(64)
  })

  it('packs a model anew whose upload failed', async () => {
    const backend = await createWasmBackend()
    let fails = true
    const basis = model.basis.slice()
    const { subarray } = basis
    Object.defineProperty(basis, 'subarray', {
      value: (...range: [number, number]) => {
        if (fails) throw new RangeError('no memory')
        return subarray.apply(basis, range)
      },
    })
    const halfway = { ...model, basis }
    const moved = { ...params, shape: Float32Array.of(3) }
    expect(() => backend.decode(halfway, moved, frame)).toThrow('no memory')
    fails = false
    expect(backend.decode(halfway, moved, frame)).toEqual(backend.decode(model, moved, frame))
  })

  // Only lengths are looked at before memory is asked for. In all: just below 2 GB, below and above 4 GB (32 bits).
  it.each([178_956_000, 2.4e8, 3.6e8, 9e8])('says when there is no memory for arrays of %d numbers', async (length) => {
    const backend = await createWasmBackend()
    const huge = standIn(new Float32Array(0), length)
    expect(() => backend.light({ vertices: huge, triangles: square.triangles }, huge, LIGHT_DEFAULTS, huge)).toThrow(
      NO_MEMORY,
    )
    expect(covered(backend)).toBe(64)
  })

  it.each([7e7, 1.25e8])(
    'says when there is no memory for what a picture of %d columns needs besides',
    async (width) => {
      const backend = await createWasmBackend()
      const wide = { data: standIn(new Uint8Array(0), 3 * width), width, height: 1, channels: 3 } as const
      const roi = { x1: 0, y1: 0, x2: 4, y2: 4 }
      expect(() => backend.resample(createImage(4, 4), roi, wide)).toThrow(NO_MEMORY)
      expect(covered(backend)).toBe(64)
    },
  )

  it('says when there is no memory for a model, padded to whole blocks', async () => {
    const backend = await createWasmBackend()
    const shapeCount = 89_500_000
    const basis = standIn(new Float32Array(0), 3 * shapeCount)
    const shape = standIn(new Float32Array(0), shapeCount)
    const [expression, mean] = [new Float32Array(0), new Float32Array(3)]
    const huge = { ...model, vertexCount: 1, shapeCount, expressionCount: 0, mean, basis }
    expect(() => backend.decode(huge, { ...params, shape, expression }, frame)).toThrow(NO_MEMORY)
    expect(covered(backend)).toBe(64)
  })
})
