import { checkIndices } from '../arrays.ts'
import { pointBounds } from '../bounds.ts'
import { expect, expectOneOf } from '../errors.ts'
import { distanceToPolygon, type Point } from './polygon.ts'
import { checkUv, type UvMesh } from './uv-mesh.ts'

/** A mesh with texture coordinates and the 68 iBUG points: a morphable model, or a topology with `uvMeshOf`. */
export interface LandmarkedUvMesh extends UvMesh {
  /** [68] vertex indices in iBUG order. */
  readonly landmarks: Uint32Array
}

/** Parts of a face that `regionMask` knows; `features` are all the others but `face`, with the skin between them. */
export const REGIONS = ['face', 'features', 'eyes', 'brows', 'nose', 'mouth'] as const

export type Region = (typeof REGIONS)[number]

/** Weight of each texel, row-major from the top: 0 not of the part, 1 of it. */
export interface UvMask {
  readonly size: number
  /** [size^2] [0, 1] */
  readonly data: Float32Array
}

export interface RegionOptions {
  /** Side in texels, 16 to 8192; 256 unless given. */
  readonly size?: number | undefined
  /** Width of the soft border as a share of the distance between the outer eye corners, [0, 1]; 0.1 unless given. */
  readonly feather?: number | undefined
}

export const REGION_DEFAULTS = { size: 256, feather: 0.1 } as const

/**
 * A part of the face as a mask over the mesh's UV chart, found by the landmarks' texture coordinates: the same for every face
 * of a model. The border is half of it soft on either side.
 * @throws {InvalidInputError} for a mesh without landmarks, a region that there is not, and a size or feather out of range.
 */
export function regionMask(mesh: LandmarkedUvMesh, region: Region, options: RegionOptions = {}): UvMask {
  const { size = REGION_DEFAULTS.size, feather = REGION_DEFAULTS.feather } = options
  checkIndices(mesh?.landmarks, 'mesh.landmarks', 68)
  checkUv(mesh.uv, 'mesh.uv')
  expectOneOf(REGIONS, region, 'region')
  expect(Number.isInteger(size) && size >= 16 && size <= 8192, 'size', 'a whole number from 16 to 8192', size)
  expect(feather >= 0 && feather <= 1, 'feather', 'a number in [0, 1]', feather)
  const points: Point[] = Array.from(mesh.landmarks, (v) => [mesh.uv[2 * v]!, mesh.uv[2 * v + 1]!])
  const width = feather * Math.hypot(points[45]![0] - points[36]![0], points[45]![1] - points[36]![1])
  const data = new Float32Array(size * size)
  const first = (edge: number): number => Math.max(0, Math.floor((edge - width / 2) * size - 0.5))
  const last = (edge: number): number => Math.min(size - 1, Math.ceil((edge + width / 2) * size - 0.5))
  for (const polygon of POLYGONS[region](points)) {
    // Beyond its border all is 0.
    const { x1, y1, x2, y2 } = pointBounds(polygon.flat(), 2)
    for (let y = first(y1); y <= last(y2); y++)
      for (let x = first(x1); x <= last(x2); x++) {
        const inside = distanceToPolygon(polygon, [(x + 0.5) / size, (y + 0.5) / size])
        const share = smoothStep(width > 0 ? 0.5 + inside / width : inside >= 0 ? 1 : 0)
        data[y * size + x] = Math.max(data[y * size + x]!, share)
      }
  }
  return { size, data }
}

/** How far the outlines stand off the landmarks, which lie on the lids, the lips' rim and the nostrils themselves. */
const EYE_GROWTH = 1.7
const MOUTH_GROWTH = 1.25
const NOSE_GROWTH = 1.35
const BROW_GROWTH = 1.6
/** The jaw line's points move on to the background when a head turns: the outline stays a little inside. */
const JAW_SHRINK = 0.9
/** The forehead above the brows, as a share of the distance from eyes to brows. */
const FOREHEAD = 1.4

const POLYGONS: Readonly<Record<Region, (p: readonly Point[]) => Point[][]>> = {
  eyes: (p) => [grown(p.slice(36, 42), EYE_GROWTH), grown(p.slice(42, 48), EYE_GROWTH)],
  brows: (p) => [browBand(p.slice(17, 22), mean(p.slice(36, 42))), browBand(p.slice(22, 27), mean(p.slice(42, 48)))],
  nose: (p) => [grown([p[27]!, p[31]!, p[32]!, p[33]!, p[34]!, p[35]!], NOSE_GROWTH)],
  mouth: (p) => [grown(p.slice(48, 60), MOUTH_GROWTH)],
  features: (p) => [
    [...p.slice(17, 27), ...[54, 55, 57, 59, 48].map((i) => p[i]!)],
    ...(['eyes', 'brows', 'nose', 'mouth'] as const).flatMap((part) => POLYGONS[part](p)),
  ],
  face: (p) => [faceOutline(p)],
}

function faceOutline(p: readonly Point[]): Point[] {
  const centre = p[30]!
  const jaw = p.slice(0, 17).map((point) => between(centre, point, JAW_SHRINK))
  const eyes = [mean(p.slice(36, 42)), mean(p.slice(42, 48))]
  // From the left end of the jaw line back over the forehead.
  const forehead = p
    .slice(17, 27)
    .map((brow, i) => between(eyes[i < 5 ? 0 : 1]!, brow, 1 + FOREHEAD))
    .map(([x, y], i): Point => [between(p[17 + i]!, [x, y], 0.3)[0], y])
  return [...jaw, ...forehead.reverse()]
}

/** A band around the line of a brow. */
function browBand(brow: readonly Point[], eye: Point): Point[] {
  const above = brow.map((point) => between(eye, point, BROW_GROWTH))
  const below = brow.map((point) => between(eye, point, 2 - BROW_GROWTH))
  return [...above, ...below.reverse()]
}

function grown(points: readonly Point[], factor: number): Point[] {
  const centre = mean(points)
  return points.map((point) => between(centre, point, factor))
}

/** `from` for 0, `to` for 1, beyond it for more. */
function between(from: Point, to: Point, share: number): Point {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]
}

function mean(points: readonly Point[]): Point {
  const sum = points.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0] as Point)
  return [sum[0] / points.length, sum[1] / points.length]
}

function smoothStep(value: number): number {
  const t = Math.max(0, Math.min(1, value))
  return t * t * (3 - 2 * t)
}

/** The mask where either is. @throws {InvalidInputError} when sizes differ. */
export function unionMasks(a: UvMask, b: UvMask): UvMask {
  const same = a?.size > 0 && a.size === b?.size
  expect(same, 'masks', 'the same size', `${a?.size} and ${b?.size}`)
  return { size: a.size, data: a.data.map((value, t) => Math.max(value, b.data[t]!)) }
}
