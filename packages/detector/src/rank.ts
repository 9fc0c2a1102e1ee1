/**
 * Indices of the scores above `threshold`, best first, equal ones in order of index, at most `limit`. NaN is never above.
 * @param scores every `stride`-th number from `offset` is a score
 */
export function rankAbove(
  scores: ArrayLike<number>,
  threshold: number,
  limit: number,
  stride = 1,
  offset = 0,
): Uint32Array {
  const indices: number[] = []
  for (let i = 0, at = offset; at < scores.length; i++, at += stride) if (scores[at]! > threshold) indices.push(i)
  indices.sort((a, b) => scores[b * stride + offset]! - scores[a * stride + offset]! || a - b)
  return Uint32Array.from(indices.length > limit ? indices.slice(0, limit) : indices)
}
