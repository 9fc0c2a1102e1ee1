import { type LandmarkedUvMesh, regionMask } from './region-mask.ts'
import { perChart, type UvChart } from './uv-chart.ts'

/** An eye of which so much is seen, in the mean over its texels, is believed as a whole. */
const ENOUGH = 0.3
/** What is seen of such an eye counts so many times as much: all but what is next to hidden. */
const TRUST = 6

const eyesOf = perChart(
  ({ size }: UvChart, mesh: LandmarkedUvMesh): Float32Array => regionMask(mesh, 'eyes', { size }).data,
)

/**
 * Makes each eye either seen or not, in place: an iris that is mixed with the other eye's mirror image looks two ways, and one that
 * is mirrored without need looks away from what both look at.
 * @param seen [size^2] how well the photograph shows each texel, 0 to 1 (`seenTexels`)
 */
export function takeEyesWhole(seen: Float32Array, mesh: LandmarkedUvMesh, chart: UvChart): void {
  const { size } = chart
  const mask = eyesOf(chart, mesh)
  const isLeft = (t: number): boolean => t % size < size / 2
  for (const left of [true, false]) {
    let [sum, area] = [0, 0]
    for (let t = 0; t < seen.length; t++) {
      if (mask[t] === 0 || isLeft(t) !== left) continue
      sum += mask[t]! * seen[t]!
      area += mask[t]!
    }
    const isSeen = sum >= ENOUGH * area
    for (let t = 0; t < seen.length; t++) {
      if (mask[t] === 0 || isLeft(t) !== left) continue
      const whole = isSeen ? Math.min(1, TRUST * seen[t]!) : 0
      seen[t]! += mask[t]! * (whole - seen[t]!)
    }
  }
}
