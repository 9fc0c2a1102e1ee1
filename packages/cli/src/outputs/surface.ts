import {
  type Backend,
  canonicalVertices,
  createMouthLining,
  createUvChart,
  type DenseFace,
  type LandmarkedUvMesh,
  type MorphableModel,
  type MouthLining,
  type PositionMap,
  positionMapOfChart,
  positionMapOfTopology,
  UvResampler,
  type UvTopology,
  uvMeshOf,
  verticesOf,
} from '@3ddfa/core'
import type { UvModel } from '@3ddfa/models'

/** The mesh that outputs show: the face model's own, or that of a UV topology. */
export interface Surface {
  readonly mesh: LandmarkedUvMesh
  /** [3n] the mean face looking straight ahead, y down. */
  readonly canonical: Float32Array
  /** [3n] pixels. The same array for the same face. */
  verticesOf(face: DenseFace): Float32Array
  positionMap(vertices: Float32Array, size: number, backend: Backend): PositionMap
  /** What closes its mouth; undefined where it is closed itself. */
  lining(): MouthLining | undefined
}

/** The face model as it is. */
export function modelSurface(model: MorphableModel): Surface {
  const canonical = canonicalVertices(model)
  return {
    mesh: model,
    canonical,
    verticesOf,
    lining: once(() => createMouthLining(model, canonical)),
    positionMap: (vertices, size, backend) => positionMapOfChart(createUvChart(model, size, backend), vertices, model),
  }
}

/** Faces that are of a UV topology already: those of a position-map network. */
export function topologySurface(topology: UvTopology): Surface {
  const { canonical, landmarks } = topology
  const mesh = { ...uvMeshOf(topology), landmarks }
  return {
    mesh,
    canonical,
    verticesOf,
    lining: once(() => createMouthLining(mesh, canonical)),
    positionMap: (vertices, size, backend) => positionMapOfTopology(topology, vertices, size, backend),
  }
}

/** The faces of a model as those of a UV topology. */
export function gridSurface({ topology, correspondence }: UvModel): Surface {
  const resampler = new UvResampler(topology, correspondence)
  const known = new WeakMap<DenseFace, Float32Array>()
  return {
    ...topologySurface(topology),
    verticesOf(face) {
      const vertices = known.get(face) ?? resampler.resample(verticesOf(face))
      known.set(face, vertices)
      return vertices
    },
  }
}

/** What is made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
