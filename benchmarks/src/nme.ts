/**
 * Normalised mean error in percent: mean distance of corresponding 2D points over sqrt(w h) of the true points' bounding
 * box. Both are [x, y] pairs. Source: 3DDFA (Zhu et al., CVPR 2016), as in the AFLW2000-3D protocol.
 */
export function nme(predicted: readonly Point[], truth: readonly Point[]): number {
  if (predicted.length !== truth.length || truth.length === 0)
    throw new Error(`Expected as many predicted as true points but received ${predicted.length} and ${truth.length}.`)
  const distance = predicted.reduce((sum, p, i) => sum + Math.hypot(p[0] - truth[i]![0], p[1] - truth[i]![1]), 0)
  const xs = truth.map((p) => p[0])
  const ys = truth.map((p) => p[1])
  const size = Math.sqrt((Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys)))
  return (100 * distance) / truth.length / size
}

export type Point = readonly [number, number]
