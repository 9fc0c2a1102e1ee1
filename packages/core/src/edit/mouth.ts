import type { RenderTarget } from '../backend.ts'
import type { ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { distanceToEdge } from '../texture/distance-to-edge.ts'
import { enclosedPixels } from '../texture/enclosed-pixels.ts'
import { sampleBilinear } from '../texture/sample.ts'

/** The inner lips of the 68 iBUG points. */
const INNER_LIPS = [60, 68] as const
/** Light inside of a mouth as a share of that on the lips. */
const INSIDE = 0.22
/** Pixels over which the dark begins. */
const SOFT = 2

/**
 * Darkens, in place, what a warp has torn open inside of the mesh: pixels that the mesh surrounds but does not cover, as far as
 * fewer pixels of the photograph were spread over more. A mouth that was open before keeps what was in it.
 * @param shifts [2 a pixel] from a pixel of `target` to where its colour was.
 */
export function darkenMouth(
  out: ImageView,
  image: ImageView,
  from: Float32Array,
  { landmarks }: Pick<MorphableModel, 'landmarks'>,
  target: RenderTarget,
  shifts: Float32Array,
): void {
  const { width, height } = target
  const holes = enclosedPixels(target)
  const edge = distanceToEdge(holes, width, height)
  const dark = lipColor(image, from, landmarks).map((value) => INSIDE * value)
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      if (!holes[i]) continue
      const share = Math.min(1, edge[i]! / SOFT) * (1 - Math.min(1, areaBefore(shifts, i, width)))
      const at = ((y + target.y) * out.width + x + target.x) * out.channels
      for (let k = 0; k < 3; k++)
        out.data[at + k] = Math.round(out.data[at + k]! + (dark[k]! - out.data[at + k]!) * share)
    }
}

/** Pixels of the photograph that a pixel's colour came from: the determinant of the map's derivative. */
function areaBefore(shifts: Float32Array, i: number, width: number): number {
  const slope = (step: number, axis: number): number =>
    (shifts[2 * (i + step) + axis]! - shifts[2 * (i - step) + axis]!) / 2
  return Math.abs((1 + slope(1, 0)) * (1 + slope(width, 1)) - slope(1, 1) * slope(width, 0))
}

/** The mean along the inner lips. */
function lipColor(image: ImageView, from: Float32Array, landmarks: Uint32Array): number[] {
  const sum = [0, 0, 0]
  const color = new Float32Array(3)
  const lips = landmarks.subarray(...INNER_LIPS)
  for (const vertex of lips) {
    sampleBilinear(image, from[3 * vertex]!, from[3 * vertex + 1]!, color, 0)
    for (let k = 0; k < 3; k++) sum[k]! += color[k]! / lips.length
  }
  return sum
}
