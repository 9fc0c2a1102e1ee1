import {
  type Backend,
  checkImage,
  type DecodeFrame,
  DisposedError,
  expect,
  type FaceParams,
  type ImageView,
  InvalidInputError,
  type Light,
  type MeshView,
  type MorphableModel,
  type RenderTarget,
  type Roi,
} from '@3ddfa/core'
import { type Binding, loadBinding, type PackedModel } from './load-binding.ts'

/**
 * The kernels in Rust: the same bits as core's `ReferenceBackend`, `decode` within 0.02 px.
 * @throws {Error} one sentence with every place that was tried, when there is no binary for this machine.
 */
export function createNativeBackend(): Backend {
  return new NativeBackend(loadBinding())
}

class NativeBackend implements Backend {
  readonly id = 'native'
  readonly #binding: Binding
  // Packed once a model and freed with it, or on dispose.
  #models = new WeakMap<MorphableModel, PackedModel>()
  #disposed = false

  constructor(binding: Binding) {
    this.#binding = binding
  }

  resample(image: ImageView, { x1, y1, x2, y2 }: Roi, out: ImageView): void {
    this.#check()
    checkImage(image)
    checkImage(out, 'out')
    expect(out.channels === 3, 'out.channels', '3', out.channels)
    const whole = [x1, y1, x2, y2].every(Number.isSafeInteger) && x2 > x1 && y2 > y1
    expect(whole, 'roi', 'whole pixels with x1 < x2 and y1 < y2', `${x1} ${y1} ${x2} ${y2}`)
    const { data, width, height, channels } = image
    const region = Int32Array.of(x1, y1, x2, y2)
    this.#call(() =>
      this.#binding.resample(bytes(data), width, height, channels, region, bytes(out.data), out.width, out.height),
    )
  }

  decode(
    model: MorphableModel,
    { camera, shape, expression }: FaceParams,
    { roi, inputSize }: DecodeFrame,
    out: Float32Array = new Float32Array(3 * model.vertexCount),
  ): Float32Array {
    this.#check()
    expect(out.length === 3 * model.vertexCount, 'out', `${3 * model.vertexCount} numbers`, out)
    const coefficients = Float32Array.of(...shape, ...expression)
    const frame = Float64Array.of(roi.x1, roi.y1, roi.x2, roi.y2, inputSize)
    this.#call(() => this.#packed(model).decode(camera, coefficients, frame, out))
    return out
  }

  vertexNormals(
    { vertices, triangles }: MeshView,
    out: Float32Array = new Float32Array(vertices.length),
  ): Float32Array {
    this.#check()
    this.#call(() => this.#binding.vertexNormals(vertices, triangles, out))
    return out
  }

  light(
    { vertices }: MeshView,
    normals: Float32Array,
    { ambient, directional, specular, position }: Light,
    out: Float32Array = new Float32Array(vertices.length),
  ): Float32Array {
    this.#check()
    this.#call(() =>
      this.#binding.light(vertices, normals, Float64Array.of(ambient, directional, specular, ...position), out),
    )
    return out
  }

  rasterize({ vertices, triangles }: MeshView, target: RenderTarget, firstId = 0): void {
    this.#check()
    this.#call(() =>
      this.#binding.rasterize(vertices, triangles, windowOf(target), target.depth, target.triangleIds, firstId),
    )
  }

  shade(
    { vertices, triangles }: MeshView,
    colors: Float32Array,
    target: RenderTarget,
    image: ImageView,
    opacity = 1,
    firstId = 0,
  ): void {
    this.#check()
    checkImage(image)
    expect(opacity >= 0 && opacity <= 1, 'opacity', 'a number in [0, 1]', opacity)
    const { data, width, height, channels } = image
    this.#call(() =>
      this.#binding.shade(
        vertices,
        triangles,
        colors,
        windowOf(target),
        target.triangleIds,
        bytes(data),
        width,
        height,
        channels,
        opacity,
        firstId,
      ),
    )
  }

  dispose(): void {
    this.#disposed = true
    this.#models = new WeakMap()
  }

  #packed(model: MorphableModel): PackedModel {
    let packed = this.#models.get(model)
    if (!packed) {
      packed = new this.#binding.PackedModel(model.mean, model.basis)
      this.#models.set(model, packed)
    }
    return packed
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
      throw message.startsWith('Expected ') ? new InvalidInputError(message) : error
    }
  }
}

/** As the plain byte view that the binding takes, of the same memory. */
function bytes(data: Uint8Array | Uint8ClampedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.length)
}

function windowOf({ x, y, width, height }: RenderTarget): Int32Array {
  return Int32Array.of(x, y, width, height)
}
