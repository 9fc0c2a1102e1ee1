/** Limits of {@link suppressOverlaps}. */
export interface NmsLimits {
  /** A box that overlaps a kept one by this intersection over union, in (0, 1], or more is dropped. */
  readonly iouThreshold: number
  /** Ends the search once this many boxes are kept. */
  readonly maxFaces: number
  /**
   * Added to every width and height before areas are taken. 1 is the convention of Fast R-CNN and 3DDFA_V2, where x2 and y2
   * name the last pixel inside the box; 0 takes corners as points.
   */
  readonly extent: 0 | 1
}

/** Pixels. Networks that see no face there may say any number. */
const FARTHEST = 2 ** 20

/**
 * Greedy non-maximum suppression. Comparing each candidate to the kept boxes only (not each kept box to all candidates) ends
 * at the first overlap, so a picture of hundreds of faces stays cheap.
 * @param boxes [4n] x1 y1 x2 y2, best first; a box that is empty, not finite or beyond any picture is dropped
 * @returns positions of the kept boxes, best first
 */
export function suppressOverlaps(boxes: Float32Array, limits: NmsLimits): number[] {
  const { iouThreshold, maxFaces, extent } = limits
  const kept: number[] = []
  const keptBoxes = new Float64Array(4 * Math.min(maxFaces, boxes.length / 4))
  for (let i = 0; i < boxes.length / 4 && kept.length < maxFaces; i++) {
    // The far corner exclusive, once for all comparisons.
    const x1 = boxes[4 * i]!
    const y1 = boxes[4 * i + 1]!
    const x2 = boxes[4 * i + 2]! + extent
    const y2 = boxes[4 * i + 3]! + extent
    const isBox = x2 - x1 > extent && y2 - y1 > extent && Math.max(-x1, -y1, x2, y2) < FARTHEST
    if (!isBox || overlapsAny(keptBoxes, kept.length, x1, y1, x2, y2, iouThreshold)) continue
    keptBoxes.set([x1, y1, x2, y2], 4 * kept.length)
    kept.push(i)
  }
  return kept
}

/** Whether the intersection over union with one of the first `count` boxes reaches the threshold. */
function overlapsAny(
  boxes: Float64Array,
  count: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  threshold: number,
): boolean {
  const area = (x2 - x1) * (y2 - y1)
  for (let at = 0; at < 4 * count; at += 4) {
    const width = Math.min(boxes[at + 2]!, x2) - Math.max(boxes[at]!, x1)
    if (width <= 0) continue
    const height = Math.min(boxes[at + 3]!, y2) - Math.max(boxes[at + 1]!, y1)
    if (height <= 0) continue
    const shared = width * height
    const other = (boxes[at + 2]! - boxes[at]!) * (boxes[at + 3]! - boxes[at + 1]!)
    if (shared >= threshold * (area + other - shared)) return true
  }
  return false
}
