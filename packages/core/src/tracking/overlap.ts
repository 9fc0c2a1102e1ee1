import { intersectionOverUnion, type Roi } from '../roi.ts'

/**
 * Pairs regions of two lists, best overlap first, each used once; pairs below `least` stay apart. Greedy: with faces, which
 * hide each other rather than share a place, the best total (Hungarian) differs only where both answers are guesses.
 * @returns for each of `a` the index in `b`, or -1.
 */
export function pairByOverlap(a: readonly Roi[], b: readonly Roi[], least: number): number[] {
  const pairs = a
    .flatMap((first, i) => b.map((second, j) => ({ i, j, value: intersectionOverUnion(first, second) })))
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
