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

/**
 * Greedy non-maximum suppression. Comparing each candidate to the kept boxes only (not each kept box to all candidates) ends
 * at the first overlap, so a picture of hundreds of faces stays cheap.
 * @param boxes [4n] x1 y1 x2 y2, best first; a box that is not finite is dropped
 * @returns positions of the kept boxes, best first
 */
export function suppressOverlaps(boxes: Float32Array, limits: NmsLimits): number[] {
  const { iouThreshold, maxFaces, extent } = limits
  const kept: number[] = []
  for (let i = 0; i < boxes.length / 4 && kept.length < maxFaces; i++)
    if (isFiniteBox(boxes, i) && !kept.some((k) => overlap(boxes, k, i, extent) >= iouThreshold)) kept.push(i)
  return kept
}

/** Intersection over union of boxes i and j. */
function overlap(boxes: Float32Array, i: number, j: number, extent: number): number {
  const a = 4 * i
  const b = 4 * j
  const width = Math.min(boxes[a + 2]!, boxes[b + 2]!) - Math.max(boxes[a]!, boxes[b]!) + extent
  if (width <= 0) return 0
  const height = Math.min(boxes[a + 3]!, boxes[b + 3]!) - Math.max(boxes[a + 1]!, boxes[b + 1]!) + extent
  if (height <= 0) return 0
  const shared = width * height
  return shared / (area(boxes, a, extent) + area(boxes, b, extent) - shared)
}

function area(boxes: Float32Array, at: number, extent: number): number {
  return (boxes[at + 2]! - boxes[at]! + extent) * (boxes[at + 3]! - boxes[at + 1]! + extent)
}

function isFiniteBox(boxes: Float32Array, i: number): boolean {
  // Only a finite sum has four finite terms.
  const at = 4 * i
  return Number.isFinite(boxes[at]! + boxes[at + 1]! + boxes[at + 2]! + boxes[at + 3]!)
}
