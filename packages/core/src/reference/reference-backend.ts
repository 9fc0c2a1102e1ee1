import type { Backend, DecodeFrame, Light, MeshView, RenderTarget } from '../backend.ts'
import { checkMeshView } from '../backend-arguments.ts'
import { DisposedError, expect } from '../errors.ts'
import type { ImageView } from '../image.ts'
import type { FaceParams, MorphableModel } from '../model.ts'
import type { Roi } from '../roi.ts'
import { decode } from './decode.ts'
import { light, vertexNormals } from './lighting.ts'
import { rasterize, shade } from './rasterize.ts'
import { resample } from './resample.ts'

/** The readable twin of the fast backends, in plain TypeScript: works everywhere, defines every bit. */
export class ReferenceBackend implements Backend {
  readonly id: string = 'reference'
  #disposed = false

  resample(image: ImageView, roi: Roi, out: ImageView): void {
    this.#check()
    resample(image, roi, out)
  }

  decode(
    model: MorphableModel,
    params: FaceParams,
    frame: DecodeFrame,
    out: Float32Array = new Float32Array(3 * model.vertexCount),
  ): Float32Array {
    this.#check()
    return decode(model, params, frame, out)
  }

  vertexNormals(mesh: MeshView, out: Float32Array = new Float32Array(mesh.vertices.length)): Float32Array {
    this.#check(mesh)
    return vertexNormals(mesh, out)
  }

  light(
    mesh: MeshView,
    normals: Float32Array,
    lamp: Light,
    out: Float32Array = new Float32Array(mesh.vertices.length),
  ): Float32Array {
    this.#check(mesh)
    return light(mesh, normals, lamp, out)
  }

  rasterize(mesh: MeshView, target: RenderTarget, firstId = 0): void {
    this.#check(mesh)
    rasterize(mesh, target, firstId)
  }

  shade(mesh: MeshView, colors: Float32Array, target: RenderTarget, image: ImageView, opacity = 1, firstId = 0): void {
    this.#check(mesh)
    shade(mesh, colors, target, image, opacity, firstId)
  }

  dispose(): void {
    this.#disposed = true
  }

  #check(mesh?: MeshView): void {
    if (this.#disposed) throw new DisposedError('This ReferenceBackend was disposed; create another one.')
    if (mesh) checkMeshIndices(mesh)
  }
}

function checkMeshIndices({ vertices, triangles }: MeshView): void {
  checkMeshView({ vertices, triangles })
  const count = vertices.length / 3
  let largest = -1
  for (let i = 0; i < triangles.length; i++) if (triangles[i]! > largest) largest = triangles[i]!
  expect(largest < count, 'mesh.triangles', `indices below ${count}`, largest)
}
