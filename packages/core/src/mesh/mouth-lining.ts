import { checkFloats, checkPoints } from '../arrays.ts'
import { expect, expectObject } from '../errors.ts'
import type { MorphableModel } from '../model.ts'
import { findMouthRim, placeOn } from './mouth-rim.ts'
import { reversed } from './reversed.ts'

/**
 * A surface behind the lips, for meshes that are open there: without it one looks through a mouth at what is behind the head. Its vertices are
 * means of the mesh's, so that it follows every shape and expression, and morph targets too.
 */
export interface MouthLining {
  /** Vertices of the mesh that it belongs to. */
  readonly meshVertexCount: number
  readonly vertexCount: number
  /** [3 * triangles] indices of its own vertices, wound as the mesh's. */
  readonly triangles: Uint32Array
  /** [4 * vertexCount] vertices of the mesh's lips that each one lies between. */
  readonly sources: Uint32Array
  /** [4 * vertexCount] share of each of them; a vertex' shares add up to 1. */
  readonly shares: Float32Array
  /** [vertexCount] how far it lies behind them, as a share of the way from the lips to between the cheeks. */
  readonly depths: Float32Array
  /** Vertices of the mesh: the middle of the upper and of the lower lip, and where the jaw line passes at their height. */
  readonly lips: readonly [number, number]
  readonly cheeks: readonly [number, number]
}

/** Of the 68 iBUG points: the middle of the upper and of the lower inner lip, the jaw at their height. */
const [TOP, BOTTOM] = [62, 66]
const CHEEKS = [3, 13] as const
/** From the upper lip to the lower one: next to the lips more of them, where it turns back. */
const ROWS = [0, 0.04, 0.12, 0.25, 0.4, 0.6, 0.75, 0.88, 0.96, 1] as const
/** Depth of its middle: about where teeth are. */
const DEPTH = 0.15

/**
 * The lining of a mesh's mouth; undefined where the mesh is closed there.
 * @param shape [3n] the mesh with its lips closed or nearly so, such as a face model's mean
 * @throws {InvalidInputError} when triangles or landmarks name vertices that the shape does not have.
 */
export function createMouthLining(
  mesh: Pick<MorphableModel, 'triangles' | 'landmarks'>,
  shape: Float32Array,
): MouthLining | undefined {
  expectObject(mesh, 'mesh', 'a mesh, { triangles, landmarks },')
  checkPoints(shape, 'shape')
  const { triangles, landmarks } = mesh
  const count = shape.length / 3
  const known =
    landmarks?.length === 68 && triangles && [landmarks, triangles].every((list) => list.every((v) => v < count))
  expect(known, 'mesh', `68 landmarks and triangles of ${count} vertices`, `${landmarks?.length ?? 'no'} landmarks`)
  const rim = findMouthRim(triangles, landmarks, shape)
  if (!rim) return undefined
  const { upper, lower } = rim
  // All of the rim's vertices, so that nothing shows between it and the lining.
  const columns = [...new Set([...upper.at, ...lower.at])].sort((a, b) => a - b)
  const m = columns.length * ROWS.length
  const [sources, shares, depths] = [new Uint32Array(4 * m), new Float32Array(4 * m), new Float32Array(m)]
  ROWS.forEach((row, r) => {
    columns.forEach((along, c) => {
      const i = r * columns.length + c
      const [u, v] = [placeOn(upper, along), placeOn(lower, along)]
      sources.set([u.from, u.to, v.from, v.to], 4 * i)
      shares.set([(1 - row) * (1 - u.share), (1 - row) * u.share, row * (1 - v.share), row * v.share], 4 * i)
      depths[i] = DEPTH * arch(row) * arch(along)
    })
  })
  const lining = {
    meshVertexCount: count,
    vertexCount: m,
    triangles: gridTriangles(columns.length),
    sources,
    shares,
    depths,
    lips: [landmarks[TOP]!, landmarks[BOTTOM]!] as const,
    cheeks: [landmarks[CHEEKS[0]]!, landmarks[CHEEKS[1]]!] as const,
  }
  // Seen from the cheeks' side it is the other way round.
  const isTurned =
    facing(liningVertices(lining, shape), lining.triangles, lining, shape) * facing(shape, triangles, lining, shape) < 0
  return isTurned ? { ...lining, triangles: reversed(lining.triangles) } : lining
}

/**
 * [3m] its vertices for the mesh's ([3n]), in the same space; of a morph target's offsets its offsets.
 * @throws {InvalidInputError} when they are not of that mesh, or there is no lining.
 */
export function liningVertices(lining: MouthLining, vertices: Float32Array): Float32Array<ArrayBuffer> {
  const out = liningPlaces(lining, vertices)
  const back = inward(lining, vertices)
  for (let i = 0; i < out.length; i++) out[i]! += lining.depths[Math.floor(i / 3)]! * back[i % 3]!
  return out
}

/** [3m] where between the lips its vertices lie, before they are moved back: what a picture shows there is what they show. */
export function liningPlaces(lining: MouthLining, vertices: Float32Array): Float32Array<ArrayBuffer> {
  // Meshes that are closed there have none.
  expectObject(lining, 'lining', 'a mouth lining')
  const { meshVertexCount, vertexCount, sources, shares } = lining
  checkFloats(vertices, 3 * meshVertexCount, 'vertices')
  const out = new Float32Array(3 * vertexCount)
  for (let i = 0; i < sources.length; i++)
    for (let k = 0; k < 3; k++) out[3 * (i >> 2) + k]! += shares[i]! * vertices[3 * sources[i]! + k]!
  return out
}

/** From the lips to between the cheeks. */
function inward({ lips, cheeks }: MouthLining, v: Float32Array): number[] {
  const sum = (pair: readonly [number, number], k: number): number => (v[3 * pair[0] + k]! + v[3 * pair[1] + k]!) / 2
  return [0, 1, 2].map((k) => sum(cheeks, k) - sum(lips, k))
}

/** Half a circle over [0, 1], 1 high. */
const arch = (share: number): number => 2 * Math.sqrt(share * (1 - share))

function gridTriangles(columns: number): Uint32Array {
  const triangles: number[] = []
  for (let r = 0; r + 1 < ROWS.length; r++)
    for (let c = 0; c + 1 < columns; c++) {
      const i = r * columns + c
      triangles.push(i, i + columns, i + 1, i + 1, i + columns, i + columns + 1)
    }
  return Uint32Array.from(triangles)
}

/** Above 0 where triangles are wound so that their normals look away from the cheeks, in the mean over their areas. */
function facing(v: Float32Array, triangles: Uint32Array, lining: MouthLining, shape: Float32Array): number {
  const back = inward(lining, shape)
  let sum = 0
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!]
    const [p, q] = [b, c].map((end) => [0, 1, 2].map((k) => v[end + k]! - v[a + k]!)) as [number[], number[]]
    for (let k = 0; k < 3; k++) {
      const [m, n] = [(k + 1) % 3, (k + 2) % 3]
      sum -= (p[m]! * q[n]! - p[n]! * q[m]!) * back[k]!
    }
  }
  return sum
}
