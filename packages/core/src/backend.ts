import { expect } from './errors.ts'
import type { ImageView } from './image.ts'
import type { FaceParams, MorphableModel } from './model.ts'
import type { Box } from './render/render-target.ts'
import type { Roi } from './roi.ts'

/** A triangle mesh in picture space. Borrowed for the length of a call. */
export interface MeshView {
  /** [3n] x y z; pixels, y down, larger z is nearer. */
  readonly vertices: Float32Array
  /** [3m] vertex indices. */
  readonly triangles: Uint32Array
}

/** Triangles that many faces share. Borrowed, arranged and kept as long as it lives: it must not change. */
export type Topology = Pick<MorphableModel, 'vertexCount' | 'triangles'>

/** A part of the picture, in whole pixels; its top-left one is (x, y). */
export interface RenderWindow {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * Where a mesh is rasterised: depth and triangle ids of a window of the picture whose top-left pixel is (x, y). A window
 * as large as the faces is enough and much cheaper to clear than the picture. Several meshes may share one target: the
 * nearer surface wins.
 */
export interface RenderTarget extends RenderWindow {
  /** [width * height] largest z so far; -Infinity where nothing is. */
  readonly depth: Float32Array
  /** [width * height] id of the nearest triangle; -1 where nothing is. */
  readonly triangleIds: Int32Array
}

/** Point light and viewer on one spot in front of the face, in the face's own frame scaled to [-1, 1]. */
export interface Light {
  /** Light added everywhere, [0, 1]. */
  readonly ambient: number
  /** Weight of the diffuse (Lambert) term, [0, 1]. */
  readonly directional: number
  /** Weight of the specular (Phong, exponent 5) term, [0, 1]. */
  readonly specular: number
  /** x y z of light and viewer. */
  readonly position: readonly [number, number, number]
}

/** The reference's light (3DDFA_V2 `utils/render.py`). */
export const LIGHT_DEFAULTS: Light = { ambient: 0.3, directional: 0.6, specular: 0.1, position: [0, 0, 5] }

/** What `decode` needs besides the coefficients to get from the regressor's input to picture pixels. */
export interface DecodeFrame {
  /** The region that the regressor saw. */
  readonly roi: Roi
  /** Side of the regressor's input in pixels (120). */
  readonly inputSize: number
}

/**
 * The per-pixel and per-vertex kernels behind the pipeline. The plain-TypeScript `ReferenceBackend` defines the results;
 * every other implementation gives the same bits for everything but `decode` (0.02 px, since it may store the basis in
 * fewer bits). All calls are synchronous, keep no argument (a model's basis may be packed and cached until `dispose`), and
 * throw `InvalidInputError` on wrong lengths and `DisposedError` after `dispose`. No result may share memory with what it is
 * made from: some backends refuse that, others would read what they have written.
 */
export interface Backend {
  /** `reference`, `native` or `wasm`. */
  readonly id: string
  /**
   * Cuts the whole-pixel region `roi` (zeros outside the picture) and resizes it to `out`, which has 3 channels, exactly
   * as OpenCV's INTER_LINEAR does on 8 bits (11-bit fixed-point weights).
   */
  resample(image: ImageView, roi: Roi, out: ImageView): void
  /** Dense vertices [3n] in picture pixels, smallest z 0. Writes into `out` when given, and returns it. */
  decode(model: MorphableModel, params: FaceParams, frame: DecodeFrame, out?: Float32Array): Float32Array
  /** Area-weighted unit vertex normals [3n] (x right, y down, z towards the viewer); 0 0 0 where no triangle is. */
  vertexNormals(mesh: MeshView, out?: Float32Array): Float32Array
  /** Grey vertex colours [3n] in [0, 1] of the lit mesh. */
  light(mesh: MeshView, normals: Float32Array, light: Light, out?: Float32Array): Float32Array
  /** The pixels that vertices [3n] reach; NaN is passed over. Not every backend has it: `boundingBox` of core does the same. */
  boundingBox?(vertices: Float32Array): Box
  /** Adds a mesh to `target`; its triangle t gets the id `firstId + t` (0 unless given). */
  rasterize(mesh: MeshView, target: RenderTarget, firstId?: number): void
  /**
   * Paints the pixels of `target` whose id belongs to this mesh onto `image`: vertex colours [3n] in [0, 1] interpolated,
   * clamped, rounded half up and mixed as `opacity * colour + (1 - opacity) * image` (1 unless given). Alpha becomes 255.
   */
  shade(
    mesh: MeshView,
    colors: Float32Array,
    target: RenderTarget,
    image: ImageView,
    opacity?: number,
    firstId?: number,
  ): void
  /**
   * Paints lit faces ([3n] vertices each) that may cover each other onto `image`, within a window that lies in it: the bits of
   * `vertexNormals` and `light` of each face, `rasterize` of all into one target over the window, and `shade`. Not every
   * backend has it: `renderShaded` of core does the same with those.
   */
  drawLit?(
    topology: Topology,
    faces: readonly Float32Array[],
    window: RenderWindow,
    image: ImageView,
    light: Light,
    opacity?: number,
  ): void
  dispose(): void
}

/** One candidate for `pickBackend`. */
export interface BackendFactory {
  readonly id: string
  create(): Backend | Promise<Backend>
}

/** The backend that was taken, and why those before it were not. */
export interface PickedBackend {
  readonly backend: Backend
  readonly failures: readonly { readonly id: string; readonly reason: string }[]
}

/**
 * Takes the first candidate that can be created here.
 * @throws {Error} that lists every attempt, when none can. InvalidInputError when there is no candidate.
 */
export async function pickBackend(candidates: readonly BackendFactory[]): Promise<PickedBackend> {
  expect(candidates?.length > 0, 'candidates', 'at least one backend to try', candidates)
  const failures: { id: string; reason: string }[] = []
  for (const candidate of candidates) {
    try {
      return { backend: await candidate.create(), failures }
    } catch (error) {
      failures.push({ id: candidate.id, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  throw new Error(`No mesh backend works here: ${failures.map((f) => `${f.id}: ${f.reason}`).join('; ')}`)
}
