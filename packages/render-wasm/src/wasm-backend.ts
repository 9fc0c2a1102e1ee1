import {
  type Backend,
  checkDecode,
  checkFirstId,
  checkFloats,
  checkImage,
  checkLight,
  checkMeshView,
  checkOpacity,
  checkResample,
  checkTarget,
  type DecodeFrame,
  DisposedError,
  expect,
  type FaceParams,
  type ImageView,
  type Light,
  type MeshView,
  type MorphableModel,
  type RenderTarget,
  type Roi,
} from '@3ddfa/core'
import { affineOf } from './affine.ts'
import { type Heap, outOfMemory } from './heap.ts'
import { copyIn, copyOut, overlap } from './windows.ts'

/** Triangles in the heap. */
interface UploadedTriangles {
  readonly address: number
  readonly largest: number
}

/** The kernels in WebAssembly: the same bits as core's `ReferenceBackend`, `decode` within 0.02 px. */
export class WasmBackend implements Backend {
  readonly id = 'wasm'
  #heap: Heap | undefined
  /** Addresses of packed models. */
  readonly #models = new WeakMap<MorphableModel, number>()
  /** Triangles of the models that were decoded: those do not change, so they are uploaded once. */
  readonly #topologies = new WeakMap<Uint32Array, UploadedTriangles>()
  /** Give memory back when nobody holds the model, or its triangles, any more. */
  readonly #collectedModels = new FinalizationRegistry<number>((packed) => this.#heap?.kernels.model_release(packed))
  readonly #collectedTriangles = new FinalizationRegistry<number>((address) => this.#heap?.kernels.release(address))

  constructor(heap: Heap) {
    this.#heap = heap
  }

  resample(image: ImageView, roi: Roi, out: ImageView): void {
    const heap = this.#open()
    checkResample(image, roi, out)
    const part = overlap(image, { x: roi.x1, y: roi.y1, width: roi.x2 - roi.x1, height: roi.y2 - roi.y1 })
    if (part.width === 0) {
      out.data.fill(0)
      return
    }
    const bytes = part.width * part.height * image.channels
    const { width, height } = out
    const scratchSize = heap.kernels.resample_size(width, height)
    heap.borrow([bytes, out.data.length, scratchSize], () => {
      const picture = heap.place(bytes)
      copyIn(heap, picture, image, part)
      const [result, scratch] = [heap.place(out.data.length), heap.place(scratchSize)]
      const [x1, y1, x2, y2] = [roi.x1 - part.x, roi.y1 - part.y, roi.x2 - part.x, roi.y2 - part.y]
      const { channels } = image
      heap.kernels.resample(picture, part.width, part.height, channels, x1, y1, x2, y2, result, width, height, scratch)
      heap.read(result, out.data)
    })
  }

  decode(
    model: MorphableModel,
    params: FaceParams,
    frame: DecodeFrame,
    out: Float32Array = new Float32Array(3 * model.vertexCount),
  ): Float32Array {
    const heap = this.#open()
    checkDecode(model, params, frame, out)
    const packed = this.#models.get(model) ?? this.#upload(heap, model)
    const coefficients = Float32Array.of(...params.shape, ...params.expression)
    const affine = affineOf(params.camera, frame)
    const size = heap.kernels.decode_size(packed)
    heap.borrow([coefficients.byteLength, affine.byteLength, size], () => {
      const result = heap.place(size)
      heap.kernels.decode(packed, heap.put(coefficients), heap.put(affine), result)
      heap.read(result, out)
    })
    return out
  }

  vertexNormals(mesh: MeshView, out: Float32Array = new Float32Array(mesh.vertices.length)): Float32Array {
    const heap = this.#open()
    checkMeshView(mesh)
    checkFloats(out, mesh.vertices.length, 'out')
    const count = mesh.vertices.length / 3
    this.#withMesh(heap, mesh, [16 * count, out.byteLength], (vertices, triangles) => {
      const [sums, result] = [heap.place(16 * count), heap.place(out.byteLength)]
      heap.kernels.normals(vertices, count, triangles, mesh.triangles.length / 3, sums, result)
      heap.read(result, out)
    })
    return out
  }

  light(
    { vertices }: MeshView,
    normals: Float32Array,
    light: Light,
    out: Float32Array = new Float32Array(vertices.length),
  ): Float32Array {
    const heap = this.#open()
    checkMeshView({ vertices, triangles: new Uint32Array(0) })
    checkFloats(normals, vertices.length, 'normals')
    checkFloats(out, vertices.length, 'out')
    checkLight(light)
    const { ambient, directional, specular, position } = light
    const lamp = Float32Array.of(ambient, directional, specular, ...position)
    heap.borrow([vertices.byteLength, normals.byteLength, lamp.byteLength, out.byteLength], () => {
      const [v, n, l, result] = [heap.put(vertices), heap.put(normals), heap.put(lamp), heap.place(out.byteLength)]
      heap.kernels.light(v, n, vertices.length / 3, l, result)
      heap.read(result, out)
    })
    return out
  }

  rasterize(mesh: MeshView, target: RenderTarget, firstId = 0): void {
    const heap = this.#open()
    checkMeshView(mesh)
    checkTarget(target)
    checkFirstId(mesh, firstId)
    const { x, y, width, height, depth, triangleIds } = target
    const count = mesh.vertices.length / 3
    const pointsSize = heap.kernels.points_size(count)
    const sizes = [pointsSize, depth.byteLength, triangleIds.byteLength]
    this.#withMesh(heap, mesh, sizes, (vertices, triangles) => {
      const [points, d, ids] = [heap.place(pointsSize), heap.put(depth), heap.put(triangleIds)]
      const triangleCount = mesh.triangles.length / 3
      heap.kernels.rasterize(vertices, count, triangles, triangleCount, points, x, y, width, height, d, ids, firstId)
      heap.read(d, depth)
      heap.read(ids, triangleIds)
    })
  }

  shade(mesh: MeshView, colors: Float32Array, target: RenderTarget, image: ImageView, opacity = 1, firstId = 0): void {
    const heap = this.#open()
    checkMeshView(mesh)
    checkTarget(target)
    checkImage(image)
    checkFloats(colors, mesh.vertices.length, 'colors')
    checkOpacity(opacity)
    checkFirstId(mesh, firstId)
    const { triangleIds } = target
    const part = overlap(image, target)
    const bytes = part.width * part.height * image.channels
    const count = mesh.vertices.length / 3
    const pointsSize = heap.kernels.points_size(count)
    const sizes = [pointsSize, colors.byteLength, triangleIds.byteLength, bytes]
    this.#withMesh(heap, mesh, sizes, (vertices, triangles) => {
      const [points, c, ids] = [heap.place(pointsSize), heap.put(colors), heap.put(triangleIds)]
      const picture = heap.place(bytes)
      copyIn(heap, picture, image, part)
      const first = ids + 4 * ((part.y - target.y) * target.width + part.x - target.x)
      heap.kernels.shade(
        vertices,
        count,
        triangles,
        mesh.triangles.length / 3,
        points,
        c,
        first,
        target.width,
        picture,
        image.channels,
        part.x,
        part.y,
        part.width,
        part.height,
        opacity,
        firstId,
      )
      copyOut(heap, picture, image, part)
    })
  }

  /** Drops the instance with all its memory. */
  dispose(): void {
    this.#heap = undefined
  }

  #open(): Heap {
    if (!this.#heap) throw new DisposedError('This wasm backend was disposed; create another one.')
    return this.#heap
  }

  /** Lends `body` the mesh in the heap, with room for arrays of `sizes` besides. */
  #withMesh(
    heap: Heap,
    { vertices, triangles }: MeshView,
    sizes: readonly number[],
    body: (vertices: number, triangles: number) => void,
  ): void {
    const known = this.#topologies.get(triangles)
    const mesh = [vertices.byteLength, known ? 0 : triangles.byteLength]
    heap.borrow([...mesh, ...sizes], () => {
      const v = heap.put(vertices)
      const t = known?.address ?? heap.put(triangles)
      const largest = known?.largest ?? heap.kernels.largest(t, triangles.length) >>> 0
      const count = vertices.length / 3
      expect(triangles.length === 0 || largest < count, 'mesh.triangles', `indices below ${count}`, largest)
      body(v, t)
    })
  }

  #upload(heap: Heap, model: MorphableModel): number {
    const { kernels } = heap
    const packed = kernels.model_create(model.vertexCount, model.shapeCount + model.expressionCount)
    if (packed === 0) throw outOfMemory(2 * model.basis.length, kernels.memory)
    try {
      fill(heap, packed, model)
      if (!this.#topologies.has(model.triangles)) this.#keepTriangles(heap, model.triangles)
    } catch (error) {
      kernels.model_release(packed)
      throw error
    }
    this.#models.set(model, packed)
    this.#collectedModels.register(model, packed)
    return packed
  }

  #keepTriangles(heap: Heap, triangles: Uint32Array): void {
    const address = heap.allocate(triangles.byteLength)
    heap.write(address, triangles)
    this.#topologies.set(triangles, { address, largest: heap.kernels.largest(address, triangles.length) >>> 0 })
    this.#collectedTriangles.register(triangles, address)
  }
}

/** Packs a model's numbers. One component after the other: the whole basis in float32 would double the memory for good. */
function fill(
  heap: Heap,
  packed: number,
  { vertexCount, shapeCount, expressionCount, mean, basis }: MorphableModel,
): void {
  const { kernels } = heap
  const size = 3 * vertexCount
  heap.borrow([4 * size], () => {
    const numbers = heap.place(4 * size)
    heap.write(numbers, mean)
    kernels.model_mean(packed, numbers)
    for (let k = 0; k < shapeCount + expressionCount; k++) {
      heap.write(numbers, basis.subarray(k * size, (k + 1) * size))
      kernels.model_component(packed, k, numbers)
    }
  })
}
