import { pointBounds, spatialBounds } from './bounds.ts'
import { runOnCrops } from './crop-batches.ts'
import { DisposedError, expect } from './errors.ts'
import { fitAffine } from './fit/fit-transform.ts'
import { canonicalVertices } from './fit/vertex-pose.ts'
import type { ImageView } from './image.ts'
import type { EstimateOptions, MeshEstimate, MeshRegressor } from './mesh-regressor.ts'
import type { MorphableModel } from './model.ts'
import { type PositionMap, pickLandmarks, verticesOfPositionMap } from './position-map/position-map.ts'
import { checkUvTopology, type UvTopology, uvMeshOf } from './position-map/uv-topology.ts'
import { cropForPositionMap } from './position-map-crop.ts'
import type { Roi } from './roi.ts'
import { turnImage, unturnPoints } from './roll/quarter-turns.ts'
import { checkSession, type Session } from './session.ts'

/**
 * A network of positions (PRNet, as `@3ddfa/models` writes it): input `image` uint8 [N, size, size, 3] RGB, output `positions`
 * float32 [N, size, size, 3], x y z in pixels of the input for each cell of a UV grid. It gives vertices, not coefficients:
 * `params` are the 12 camera numbers of the affine map that brings the mean face nearest to them, so that pose and whatever
 * else reads a camera works. The regressor owns the session and disposes it.
 */
export class PositionMapRegressor implements MeshRegressor {
  readonly id: string
  readonly inputSize: number
  readonly topology: UvTopology
  readonly model: MorphableModel
  /** PRNet takes one look. */
  readonly refines = false
  readonly #session: Session
  readonly #canonical: Float32Array
  #disposed = false

  /** @throws {InvalidInputError} when the network is another one, or its map has another size than the topology. */
  constructor(session: Session, topology: UvTopology, id = 'prnet') {
    checkUvTopology(topology)
    checkSession(session)
    const input = session.inputs.find(({ name }) => name === 'image')
    const isPicture = input?.type === 'uint8' && input.dims.length === 4 && session.inputs.length === 1
    expect(
      isPicture && session.outputs.some(({ name }) => name === 'positions'),
      'the network',
      'an input `image` uint8 [N, size, size, 3], no other, and an output `positions`',
      [...session.inputs, ...session.outputs].map(({ name }) => name).join(),
    )
    expect(input.dims[1] === topology.size, 'topology.size', `${input.dims[1]}, as the network has,`, topology.size)
    this.#session = session
    this.topology = topology
    this.id = id
    this.inputSize = topology.size
    this.model = modelOfTopology(topology)
    this.#canonical = canonicalVertices(this.model)
  }

  async estimate(
    image: ImageView,
    rois: readonly Roi[],
    { flip = false, onStage }: EstimateOptions = {},
  ): Promise<MeshEstimate[]> {
    expect(!flip, 'flip', 'false, since a position map has no known mirror image,', flip)
    if (this.#disposed) throw new DisposedError('This PositionMapRegressor was disposed; create another one.')
    const crops = rois.map((roi) => turnImage(cropForPositionMap(image, roi, this.inputSize), roi.quarterTurns))
    onStage?.('crop')
    const positions = await runOnCrops(this.#session, crops, 'positions')
    for (const { length } of positions) {
      const numbers = 3 * this.inputSize ** 2
      expect(length === numbers, 'the network', `${numbers} positions a face`, length)
    }
    onStage?.('regress')
    return rois.map((roi, i) => this.#estimate(positions[i]!, roi))
  }

  /** Source: PRNet `api.py` `process`: 1.6 times the mean side of the points' bounding box. */
  roiFromLandmarks(landmarks: Float32Array): Roi {
    const { x1, y1, x2, y2 } = pointBounds(landmarks)
    const half = Math.trunc(((x2 - x1 + y2 - y1) / 2) * 1.6) / 2
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2]
    return { x1: x - half, y1: y - half, x2: x + half, y2: y + half }
  }

  /** A copy of what the network gave; into `out` when given. @throws {InvalidInputError} when the estimate is another regressor's. */
  vertices({ vertices }: Pick<MeshEstimate, 'vertices'>, _roi?: Roi, out?: Float32Array): Float32Array {
    expect(vertices !== undefined, 'face', 'a face that this aligner has found', 'one without vertices')
    if (!out) return vertices.slice()
    expect(out.length === vertices.length, 'out', `${vertices.length} numbers`, out)
    out.set(vertices)
    return out
  }

  async dispose(): Promise<void> {
    this.#disposed = true
    await this.#session.dispose()
  }

  #estimate(positions: Float32Array, roi: Roi): MeshEstimate {
    unturnPoints(positions, roi.quarterTurns ?? 0, this.inputSize)
    const positionMap = toPicture(positions, roi, this.inputSize)
    const vertices = fromZero(verticesOfPositionMap(positionMap, this.topology))
    const landmarks = fromZero(pickLandmarks(this.topology, vertices))
    return { params: this.#camera(vertices, roi), landmarks, vertices, positionMap }
  }

  /** The mean face's affine camera in the convention of `FaceParams`: 1-based pixels of the crop, y up. */
  #camera(vertices: Float32Array, roi: Roi): Float32Array {
    const scale = scales(roi, this.inputSize)
    const { matrix: m, translation: t } = fitAffine(this.#canonical, vertices)
    const [x, y, z] = [(t[0] - roi.x1) / scale[0] + 1, this.inputSize - (t[1] - roi.y1) / scale[1], t[2] / scale[2] + 1]
    const rows = [m[0], -m[1], m[2], x, -m[3], m[4], -m[5], y, m[6], -m[7], m[8], z]
    return Float32Array.from(rows, (value, i) => (i % 4 === 3 ? value : value / scale[Math.floor(i / 4)]!))
  }
}

/**
 * The mesh of a topology as a model without coefficients, for all that draws, unwraps or writes meshes: the canonical face as
 * mean, y up, PNCC colours from its extents.
 */
export function modelOfTopology(topology: UvTopology): MorphableModel {
  const { id, cells, triangles, landmarks, canonical } = topology
  const mean = canonicalVertices({ mean: canonical })
  const { low, high } = spatialBounds(mean)
  return {
    id,
    vertexCount: cells.length,
    shapeCount: 0,
    expressionCount: 0,
    mean,
    basis: new Float32Array(0),
    triangles,
    landmarks,
    uv: uvMeshOf(topology).uv,
    ncc: mean.map((value, i) => (value - low[i % 3]!) / (high[i % 3]! - low[i % 3]! || 1)),
  }
}

/** From pixels of the crop to pixels of the picture. Source: PRNet `api.py` `process`. */
function toPicture(positions: Float32Array, roi: Roi, size: number): PositionMap {
  const scale = scales(roi, size - 1)
  const offset = [roi.x1, roi.y1, 0] as const
  const place = (value: number, axis: 0 | 1 | 2): number => value * scale[axis] + offset[axis]
  return { size, data: positions.map((value, i) => place(value, (i % 3) as 0 | 1 | 2)) }
}

/** Pixels of the picture per step of `steps` along the region: x, y, and depth, which goes with both. */
function scales({ x1, y1, x2, y2 }: Roi, steps: number): [number, number, number] {
  const [x, y] = [(x2 - x1) / steps, (y2 - y1) / steps]
  return [x, y, (x + y) / 2]
}

/** Shifts z in place so that the smallest is 0. */
function fromZero(points: Float32Array): Float32Array {
  let least = Infinity
  for (let i = 2; i < points.length; i += 3) least = Math.min(least, points[i]!)
  for (let i = 2; i < points.length; i += 3) points[i]! -= least
  return points
}
