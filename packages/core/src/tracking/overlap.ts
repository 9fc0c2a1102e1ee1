import type { Roi } from '../roi.ts'

/** Intersection over union of two regions, [0, 1]. */
export function overlap(a: Roi, b: Roi): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1)
  if (!(width > 0 && height > 0)) return 0
  const shared = width * height
  return shared / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - shared)
}

/**
 * Pairs regions of two lists, best overlap first, each used once; pairs below `least` stay apart. Greedy: with faces, which
 * hide each other rather than share a place, the best total (Hungarian) differs only where both answers are guesses.
 * @returns for each of `a` the index in `b`, or -1.
 */
export function pairByOverlap(a: readonly Roi[], b: readonly Roi[], least: number): number[] {
  const pairs = a
    .flatMap((first, i) => b.map((second, j) => ({ i, j, value: overlap(first, second) })))
    .filter(({ value }) => value >= least)
    .sort((p, q) => q.value - p.value)
  const partner = a.map(() => -1)
  const taken = new Set<number>()
  for (const { i, j } of pairs)
    if (partner[i] === -1 && !taken.has(j)) {
      partner[i] = j
      taken.add(j)
    }
  return partner
}
