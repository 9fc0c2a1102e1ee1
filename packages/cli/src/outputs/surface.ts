import {
  type Backend,
  canonicalVertices,
  createUvChart,
  type DenseFace,
  type LandmarkedUvMesh,
  type MorphableModel,
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
}

/** The face model as it is. */
export function modelSurface(model: MorphableModel): Surface {
  return {
    mesh: model,
    canonical: canonicalVertices(model),
    verticesOf,
    positionMap: (vertices, size, backend) => positionMapOfChart(createUvChart(model, size, backend), vertices, model),
  }
}

/** Faces that are of a UV topology already: those of a position-map network. */
export function topologySurface(topology: UvTopology): Surface {
  return {
    mesh: { ...uvMeshOf(topology), landmarks: topology.landmarks },
    canonical: topology.canonical,
    verticesOf,
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
