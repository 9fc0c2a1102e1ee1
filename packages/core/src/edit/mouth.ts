import type { RenderTarget } from '../backend.ts'
import type { ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { distanceToEdge } from '../texture/distance-to-edge.ts'
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
  const holes = enclosed(target)
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

/** [pixels] 1 where nothing is drawn and no way leads to the target's rim. */
function enclosed({ triangleIds, width, height }: RenderTarget): Uint8Array {
  const holes = Uint8Array.from(triangleIds, (id) => (id < 0 ? 1 : 0))
  const open: number[] = []
  const visit = (i: number): void => {
    if (!holes[i]) return
    holes[i] = 0
    open.push(i)
  }
  for (let x = 0; x < width; x++) [x, (height - 1) * width + x].forEach(visit)
  for (let y = 0; y < height; y++) [y * width, y * width + width - 1].forEach(visit)
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    // On the rim a step sideways leads to the next row's rim, which was visited too.
    if (i >= width) visit(i - width)
    if (i < holes.length - width) visit(i + width)
    if (i > 0) visit(i - 1)
    if (i < holes.length - 1) visit(i + 1)
  }
  return holes
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
