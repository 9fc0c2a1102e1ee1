import {
  type Backend,
  type Box,
  checkDecode,
  checkFirstId,
  checkFloats,
  checkImage,
  checkIndices,
  checkLight,
  checkMeshView,
  checkOpacity,
  checkPoints,
  checkResample,
  checkTarget,
  checkWindow,
  type DecodeFrame,
  DisposedError,
  type FaceParams,
  type ImageView,
  InvalidInputError,
  type Light,
  type MeshView,
  type MorphableModel,
  type RenderTarget,
  type RenderWindow,
  type Roi,
  type Topology,
} from '@3ddfa/core'
import * as rust from './load-binding.ts'

/**
 * The kernels in Rust: the same bits as core's `ReferenceBackend`, `decode` within 0.02 px.
 * @throws {Error} one sentence with every place that was tried, when there is no binary for this machine.
 */
export function createNativeBackend(): Backend {
  return new NativeBackend(rust.loadBinding())
}

class NativeBackend implements Backend {
  readonly id = 'native'
  readonly #binding: rust.Binding
  /** Packed once a model, freed with it or on dispose. */
  #models = new WeakMap<MorphableModel, rust.PackedModel>()
  #topologies = new WeakMap<Topology, rust.Topology>()
  readonly #unfreed = new Set<WeakRef<rust.PackedModel | rust.Topology>>()
  readonly #collected = new FinalizationRegistry<WeakRef<rust.PackedModel | rust.Topology>>((reference) =>
    this.#unfreed.delete(reference),
  )
  readonly #bounds = new Float32Array(4)
  #disposed = false

  constructor(binding: rust.Binding) {
    this.#binding = binding
  }

  resample(image: ImageView, roi: Roi, out: ImageView): void {
    this.#check()
    checkResample(image, roi, out)
    const { data, width, height, channels } = image
    const region = Int32Array.of(roi.x1, roi.y1, roi.x2, roi.y2)
    this.#call(() =>
      this.#binding.resample(bytes(data), width, height, channels, region, bytes(out.data), out.width, out.height),
    )
  }

  decode(
    model: MorphableModel,
    params: FaceParams,
    frame: DecodeFrame,
    out: Float32Array = new Float32Array(3 * model.vertexCount),
  ): Float32Array {
    this.#check()
    checkDecode(model, params, frame, out)
    const { camera, shape, expression } = params
    const coefficients = Float32Array.of(...shape, ...expression)
    const { x1, y1, x2, y2 } = frame.roi
    const numbers = Float64Array.of(x1, y1, x2, y2, frame.inputSize)
    this.#call(() => this.#packed(model).decode(camera, coefficients, numbers, out))
    return out
  }

  vertexNormals(
    { vertices, triangles }: MeshView,
    out: Float32Array = new Float32Array(vertices.length),
  ): Float32Array {
    this.#check()
    checkMeshView({ vertices, triangles })
    checkFloats(out, vertices.length, 'out')
    this.#call(() => this.#binding.vertexNormals(vertices, triangles, out))
    return out
  }

  light(
    { vertices }: MeshView,
    normals: Float32Array,
    light: Light,
    out: Float32Array = new Float32Array(vertices.length),
  ): Float32Array {
    this.#check()
    checkPoints(vertices, 'mesh.vertices')
    checkFloats(normals, vertices.length, 'normals')
    checkFloats(out, vertices.length, 'out')
    checkLight(light)
    const lamp = lampOf(light)
    this.#call(() => this.#binding.light(vertices, normals, lamp, out))
    return out
  }

  boundingBox(vertices: Float32Array): Box {
    this.#check()
    checkPoints(vertices, 'vertices')
    const bounds = this.#bounds
    this.#call(() => this.#binding.bounds(vertices, bounds))
    const [x1, y1, x2, y2] = bounds as unknown as [number, number, number, number]
    return { x1: Math.floor(x1), y1: Math.floor(y1), x2: Math.ceil(x2), y2: Math.ceil(y2) }
  }

  rasterize(mesh: MeshView, target: RenderTarget, firstId = 0): void {
    this.#check()
    checkMeshView(mesh)
    checkTarget(target)
    checkFirstId(mesh, firstId)
    const { vertices, triangles } = mesh
    const { depth, triangleIds } = target
    this.#call(() => this.#binding.rasterize(vertices, triangles, windowOf(target), depth, triangleIds, firstId))
  }

  shade(mesh: MeshView, colors: Float32Array, target: RenderTarget, image: ImageView, opacity = 1, firstId = 0): void {
    this.#check()
    checkMeshView(mesh)
    checkTarget(target)
    checkImage(image)
    checkFloats(colors, mesh.vertices.length, 'colors')
    checkOpacity(opacity)
    checkFirstId(mesh, firstId)
    const { vertices, triangles } = mesh
    const { data, width, height, channels } = image
    const [window, ids] = [windowOf(target), target.triangleIds]
    this.#call(() =>
      this.#binding.shade(
        vertices,
        triangles,
        colors,
        window,
        ids,
        bytes(data),
        width,
        height,
        channels,
        opacity,
        firstId,
      ),
    )
  }

  drawLit(
    topology: Topology,
    faces: readonly Float32Array[],
    window: RenderWindow,
    image: ImageView,
    light: Light,
    opacity = 1,
  ): void {
    this.#check()
    checkWindow(window)
    checkImage(image)
    checkOpacity(opacity)
    checkLight(light)
    checkIndices(topology.triangles, 'topology.triangles')
    for (const vertices of faces) checkFloats(vertices, 3 * topology.vertexCount, 'vertices')
    if (faces.length === 0) return
    const { data, width, height, channels } = image
    const [lamp, part] = [lampOf(light), windowOf(window)]
    this.#call(() => this.#arranged(topology).drawLit(faces, lamp, part, bytes(data), width, height, channels, opacity))
  }

  dispose(): void {
    this.#disposed = true
    for (const packed of this.#unfreed) packed.deref()?.free()
    this.#unfreed.clear()
    this.#models = new WeakMap()
    this.#topologies = new WeakMap()
  }

  #arranged(topology: Topology): rust.Topology {
    let arranged = this.#topologies.get(topology)
    if (!arranged) {
      arranged = new this.#binding.Topology(topology.triangles, topology.vertexCount)
      this.#topologies.set(topology, arranged)
      this.#keep(arranged)
    }
    return arranged
  }

  #packed(model: MorphableModel): rust.PackedModel {
    let packed = this.#models.get(model)
    if (!packed) {
      packed = new this.#binding.PackedModel(model.mean, model.basis)
      this.#models.set(model, packed)
      this.#keep(packed)
    }
    return packed
  }

  /** For `dispose` to free, if it is still there then. */
  #keep(held: rust.PackedModel | rust.Topology): void {
    const reference = new WeakRef(held)
    this.#unfreed.add(reference)
    this.#collected.register(held, reference)
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError('This native backend was disposed; create another one.')
  }

  /** What Rust found wrong with the arguments, as core's own error. */
  #call(body: () => void): void {
    try {
      body()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      throw (error as { code?: string }).code === 'InvalidArg' ? new InvalidInputError(message) : error
    }
  }
}

/** As the plain byte view that the binding takes, of the same memory. */
function bytes(data: Uint8Array | Uint8ClampedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.length)
}

function windowOf({ x, y, width, height }: RenderWindow): Int32Array {
  return Int32Array.of(x, y, width, height)
}

function lampOf({ ambient, directional, specular, position }: Light): Float64Array {
  return Float64Array.of(ambient, directional, specular, ...position)
}
