import { intersectionOverUnion, type Roi } from '../roi.ts'

/** What was seen in a region. */
export interface Observation {
  /** The track that was expected there; absent for a face that the detector has just found. */
  readonly id?: number
  /** The region that was looked at. */
  readonly crop: Roi
  /** Whether a detector's box led there. */
  readonly isRough?: boolean
  /** The region of the face as its landmarks have it; absent where there is none. */
  readonly found?: Roi
  /** In [0, 1]. */
  readonly confidence: number
}

/** Two observations whose landmarks' regions overlap this much are of one face. */
const ONE_FACE = 0.6
/** A face belongs to the older of two tracks unless it lies better in the other's crop by this overlap. */
const CLEARLY_BETTER = 0.1

/**
 * Which observations are the only or the best ones of their face; those with `isFace` false are none. A face that is followed
 * goes before one that was hidden, that before a new one.
 * @param isFollowed whether the track with this id was seen in the last frame.
 */
export function distinctFaces(
  observations: readonly Observation[],
  isFace: readonly boolean[],
  isFollowed: (id: number) => boolean,
): boolean[] {
  const isKept = [...isFace]
  observations.forEach((a, i) => {
    observations.slice(0, i).forEach((b, j) => {
      if (!isKept[i] || !isKept[j] || intersectionOverUnion(a.found!, b.found!) <= ONE_FACE) return
      isKept[isBetter(a, b, isFollowed) ? j : i] = false
    })
  })
  return isKept
}

function isBetter(a: Observation, b: Observation, isFollowed: (id: number) => boolean): boolean {
  const standing = ({ id }: Observation): number => (id === undefined ? 2 : isFollowed(id) ? 0 : 1)
  if (standing(a) !== standing(b)) return standing(a) < standing(b)
  if (a.id === undefined) return a.confidence > b.confidence
  const fit = intersectionOverUnion(a.crop, a.found!) - intersectionOverUnion(b.crop, b.found!)
  return Math.abs(fit) > CLEARLY_BETTER ? fit > 0 : a.id < b.id!
}
