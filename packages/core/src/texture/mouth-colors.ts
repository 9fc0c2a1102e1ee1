import { checkIndices } from '../arrays.ts'
import { checkImage, type ImageView } from '../image.ts'
import { liningPlaces, type MouthLining } from '../mesh/mouth-lining.ts'
import { insideColor, openness, unit } from './lips.ts'
import { sampleBilinear } from './sample.ts'

/** Between lips as wide as this share of what they are from the front, the picture shows what is there; up to HIDDEN it does not. */
const SEEN = 0.6
const HIDDEN = 0.45
/** Where nothing is shown: the share of the lining's depth over which the light on the lips goes out. */
const FADE = 0.7

/**
 * [3m] RGB in [0, 1] of a mouth's lining: what the photograph shows between the lips (teeth), dark where the mouth is closed or turned away.
 * @param vertices [3n] of the face in the photograph, pixels
 * @throws {InvalidInputError} when the vertices are not of the lining's mesh, or the picture's sizes and data disagree.
 */
export function mouthColors(
  image: ImageView,
  vertices: Float32Array,
  lining: MouthLining,
  mesh: { readonly landmarks: Uint32Array },
): Float32Array {
  checkImage(image)
  checkIndices(mesh?.landmarks, 'mesh.landmarks', 68)
  const places = liningPlaces(lining, vertices)
  const inside = insideColor(image, vertices, mesh)
  const shown = openness(vertices, mesh) * frontal(vertices, mesh)
  const deepest = Math.max(...lining.depths)
  const out = new Float32Array(places.length)
  const color = new Float32Array(3)
  for (let i = 0; i < out.length; i += 3) {
    sampleBilinear(image, places[i]!, places[i + 1]!, color, 0)
    const lit = Math.max(0, 1 - lining.depths[i / 3]! / (FADE * deepest))
    const share = lit + (1 - lit) * shown
    for (let k = 0; k < 3; k++) out[i + k] = (inside[k]! + (color[k]! - inside[k]!) * share) / 255
  }
  return out
}

/** [0, 1] 1 where the mouth is not turned away so far that the far lip hides what is between. */
function frontal(v: Float32Array, { landmarks }: { readonly landmarks: Uint32Array }): number {
  const [a, b] = [3 * landmarks[60]!, 3 * landmarks[64]!]
  const [x, y, z] = [0, 1, 2].map((k) => v[b + k]! - v[a + k]!) as [number, number, number]
  const share = Math.hypot(x, y) / (Math.hypot(x, y, z) || 1)
  return unit((share - HIDDEN) / (SEEN - HIDDEN))
}
