/** Triangles with texture coordinates: all that textures need of a model. A `MorphableModel` is one. */
export interface UvMesh {
  /** [3m] vertex indices. */
  readonly triangles: Uint32Array
  /** [2n] texture coordinates in [0, 1], origin top-left, v down. */
  readonly uv: Float32Array
}
