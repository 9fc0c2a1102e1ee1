import { createRequire } from 'node:module'

/** A morphable model packed by Rust. */
export interface PackedModel {
  /** Gives its memory back before the garbage collector does; `decode` then throws. */
  free(): void
  decode(camera: Float32Array, coefficients: Float32Array, frame: Float64Array, out: Float32Array): void
}

/** A model's triangles, arranged by Rust for drawing. */
export interface Topology {
  /** As for a `PackedModel`; `drawLit` then throws. */
  free(): void
  drawLit(
    faces: readonly Float32Array[],
    lamp: Float64Array,
    window: Int32Array,
    image: Uint8Array,
    width: number,
    height: number,
    channels: number,
    opacity: number,
  ): void
}

/** What `rust/lib.rs` exports. */
export interface Binding {
  resample(
    image: Uint8Array,
    width: number,
    height: number,
    channels: number,
    region: Int32Array,
    out: Uint8Array,
    outWidth: number,
    outHeight: number,
  ): void
  vertexNormals(vertices: Float32Array, triangles: Uint32Array, out: Float32Array): void
  light(vertices: Float32Array, normals: Float32Array, lamp: Float64Array, out: Float32Array): void
  bounds(vertices: Float32Array, out: Float32Array): void
  rasterize(
    vertices: Float32Array,
    triangles: Uint32Array,
    window: Int32Array,
    depth: Float32Array,
    ids: Int32Array,
    firstId: number,
  ): void
  shade(
    vertices: Float32Array,
    triangles: Uint32Array,
    colors: Float32Array,
    window: Int32Array,
    ids: Int32Array,
    image: Uint8Array,
    width: number,
    height: number,
    channels: number,
    opacity: number,
    firstId: number,
  ): void
  PackedModel: new (mean: Float32Array, basis: Float32Array) => PackedModel
  Topology: new (triangles: Uint32Array, vertexCount: number) => Topology
}

let loaded: Binding | undefined

/**
 * The binary for this machine: the one that was built in this folder, else the platform's package. Loaded at the first call.
 * @throws {Error} naming every attempt.
 */
export function loadBinding(): Binding {
  loaded ??= firstThatLoads(platformTriples(process.platform, process.arch), createRequire(import.meta.url))
  return loaded
}

/** `loadBinding` for what napi-rs may call this platform, by `load`. */
export function firstThatLoads(triples: readonly string[], load: (id: string) => unknown): Binding {
  const failures: string[] = []
  const attempts = triples.flatMap((triple) => [`../render-native.${triple}.node`, `@3ddfa/render-native-${triple}`])
  for (const attempt of attempts) {
    try {
      return load(attempt) as Binding
    } catch (error) {
      failures.push(`${attempt}: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
    }
  }
  throw new Error(
    `The native backend has no binary for ${triples.join(' or ')} (${failures.join('; ')}). Install the platform's package (it is an optional dependency, which some settings leave out), use @3ddfa/render-wasm, or build it with Rust in the repository.`,
  )
}

/**
 * As napi-rs names platforms. Which C library a Linux has is found out by trying: Node's report knows, but asks the name server
 * about every open connection and waits for every worker, seconds in a busy server.
 */
export function platformTriples(platform: string, arch: string): string[] {
  if (platform === 'linux') return [`linux-${arch}-gnu`, `linux-${arch}-musl`]
  return [platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`]
}
