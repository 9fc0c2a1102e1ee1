import {
  type Backend,
  canonicalVertices,
  createUvChart,
  type DenseFace,
  type LandmarkedUvMesh,
  type MorphableModel,
  type PositionMap,
  positionMapOfChart,
  type UvMesh,
  UvResampler,
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
    positionMap: positionMapOf(model),
  }
}

/** The faces of a model as those of a UV topology. */
export function gridSurface({ topology, correspondence }: UvModel): Surface {
  const resampler = new UvResampler(topology, correspondence)
  const mesh = { ...uvMeshOf(topology), landmarks: topology.landmarks }
  const { canonical } = topology
  const known = new WeakMap<DenseFace, Float32Array>()
  return {
    mesh,
    canonical,
    verticesOf(face) {
      const own = verticesOf(face)
      // A position-map network's faces are of the topology already.
      const vertices = known.get(face) ?? (own.length === canonical.length ? own : resampler.resample(own))
      known.set(face, vertices)
      return vertices
    },
    positionMap: positionMapOf(mesh),
  }
}

function positionMapOf(mesh: UvMesh): Surface['positionMap'] {
  return (vertices, size, backend) => positionMapOfChart(createUvChart(mesh, size, backend), vertices, mesh)
}
