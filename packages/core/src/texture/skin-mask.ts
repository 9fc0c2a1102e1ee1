import { checkFloats } from '../arrays.ts'
import { expect } from '../errors.ts'
import { solveSymmetric } from '../fit/solve-symmetric.ts'
import { checkImage, type ImageView } from '../image.ts'
import { boxMeans } from './box-means.ts'
import { enclosedPixels } from './enclosed-pixels.ts'
import { unit } from './lips.ts'
import { type LandmarkedUvMesh, type Region, regionMask, type UvMask } from './region-mask.ts'

/** What is added to colours before their logarithm is taken, against the noise of dark ones. */
const DARK = 8
const LOGARITHMS = Float32Array.from({ length: 256 }, (_, level) => Math.log(level + DARK))
/** Least deviations (of natural logarithms) in each colour alone and in all alike: skin of little noise in even light is still not all one. */
const LEAST = { hue: 0.05, light: 0.1 } as const
/** Up to so many deviations a texel is skin, from so many on it is not. */
const SKIN = 2.5
const OTHER = 4
/** Skin is learnt in rounds, each without what the one before found to be none: from cheeks and nose, then from all of the face. */
const ROUNDS = ['features', 'features', 'face', 'face'] as const
/** Fewest texels to learn from. */
const ENOUGH = 16
/** Lashes and shadows so far around the features count as theirs, in distances of the outer eye corners. */
const BESIDE = 0.04
/** A texel is judged with its neighbours, over this share of the chart's side; it takes so many of them, as a share, to be skin. */
const RADIUS = 0.012
const MAJORITY = [0.55, 0.95] as const

/** A colour for each column of a texture. */
interface Line {
  readonly start: readonly number[]
  readonly slope: readonly number[]
}

/** Colours of skin, as normally distributed around a straight line over the texture's width: light comes from one side. */
interface Skin extends Line {
  /** [9] inverse of the covariance */
  readonly precision: Float64Array
}

/**
 * Where a photograph shows a face's own skin, rather than hair, a cap or a microphone in front of it: what is coloured as cheeks and nose are.
 * Eyes, brows, nose, mouth and what is between them always count as the face's. All does where too little of cheeks and nose is seen.
 * @param texture the face's `uvTexture`, a square
 * @param seen [size^2] how well the photograph shows each texel, 0 to 1 (`seenTexels`)
 * @throws {InvalidInputError} when the texture is no square or numbers disagree.
 */
export function skinMask(texture: ImageView, mesh: LandmarkedUvMesh, seen: Float32Array): UvMask {
  checkImage(texture, 'texture')
  const { width: size, height } = texture
  expect(height === size, 'texture', 'a square', `${size} x ${height}`)
  checkFloats(seen, size ** 2, 'seen')
  const colors = logarithms(texture)
  const skin = learn(colors, seen, mesh, size)
  if (!skin) return { size, data: new Float32Array(size ** 2).fill(1) }
  const features = regionMask(mesh, 'features', { size, feather: 2 * BESIDE }).data
  const likeness = features.map((share, t) =>
    share > 0 ? 1 : unit((OTHER - distanceTo(colors, size, t, skin)) / (OTHER - SKIN)),
  )
  const radius = Math.round(RADIUS * size)
  const means = boxMeans(boxMeans(likeness, size, size, radius), size, size, radius)
  // A fringe or a microphone comes from outside, or from where nothing was seen; what skin surrounds is a lash, a mole or a shadow.
  const isSkin = new Uint8Array(means.map((mean, t) => (mean < MAJORITY[1] || seen[t]! === 0 ? 0 : 1)))
  const inside = enclosedPixels(isSkin, size, size)
  const data = means.map((mean, t) => (inside[t] ? 1 : unit((mean - MAJORITY[0]) / (MAJORITY[1] - MAJORITY[0]))))
  return { size, data }
}

function learn(colors: Float32Array, seen: Float32Array, mesh: LandmarkedUvMesh, size: number): Skin | undefined {
  const part = (region: Region): Float32Array => regionMask(mesh, region, { size }).data
  const others = [part('eyes'), part('brows'), part('mouth')]
  const within = { features: part('features'), face: part('face') }
  let skin: Skin | undefined
  for (const region of ROUNDS) {
    const texels: number[] = []
    for (let t = 0; t < seen.length; t++) {
      if (seen[t]! <= 0.5 || within[region][t]! < 1 || others.some((other) => other[t]! > 0)) continue
      if (!skin || distanceTo(colors, size, t, skin) < SKIN) texels.push(t)
    }
    if (texels.length < ENOUGH) return skin
    skin = fitted(colors, size, texels)
  }
  return skin
}

/** [3 a texel] */
function logarithms({ data, width, height, channels }: ImageView): Float32Array {
  const out = new Float32Array(3 * width * height)
  for (let i = 0; i < out.length; i++) out[i] = LOGARITHMS[data[Math.floor(i / 3) * channels + (i % 3)]!]!
  return out
}

/** Least squares. */
function fitted(colors: Float32Array, size: number, texels: readonly number[]): Skin {
  const mean = (value: (t: number) => number): number => texels.reduce((sum, t) => sum + value(t), 0) / texels.length
  const middle = mean((t) => t % size)
  const spread = mean((t) => ((t % size) - middle) ** 2) || 1
  const level = [0, 1, 2].map((k) => mean((t) => colors[3 * t + k]!))
  const slope = level.map((of, k) => mean((t) => ((t % size) - middle) * (colors[3 * t + k]! - of)) / spread)
  const start = level.map((of, k) => of - slope[k]! * middle)
  const rest = (t: number, k: number): number => residual(colors, size, t, k, { start, slope })
  const covariance = Float64Array.from({ length: 9 }, (_, i) => {
    const [j, k] = [Math.floor(i / 3), i % 3]
    return mean((t) => rest(t, j) * rest(t, k)) + LEAST.light ** 2 + (j === k ? LEAST.hue ** 2 : 0)
  })
  const precision = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)
  solveSymmetric(covariance, precision, 3, 3)
  return { start, slope, precision }
}

/** Of a texel's colour from the line. */
function residual(colors: Float32Array, size: number, t: number, k: number, line: Line): number {
  return colors[3 * t + k]! - line.start[k]! - line.slope[k]! * (t % size)
}

/** Mahalanobis distance of a texel's colour. */
function distanceTo(colors: Float32Array, size: number, t: number, skin: Skin): number {
  const [r, g, b] = [0, 1, 2].map((k) => residual(colors, size, t, k, skin)) as [number, number, number]
  const p = skin.precision
  return Math.sqrt(p[0]! * r * r + p[4]! * g * g + p[8]! * b * b + 2 * (p[1]! * r * g + p[2]! * r * b + p[5]! * g * b))
}
