import type { Backend } from '../backend.ts'
import type { FaceBox } from '../detection.ts'
import type { ImageView } from '../image.ts'
import { turnDiagonally } from './diagonal.ts'
import { type QuarterTurns, turnImage, unturnRegion } from './quarter-turns.ts'

/** Boxes in two views of a picture that share so much of the smaller one are the same face: of a face that is not upright they differ in size. */
const SAME_FACE = 0.5
/** Below this confidence a box is no face: eight looks find more that is none. All faces of our test pictures reach it. */
const MIN_CONFIDENCE = 0.6
/** What a box counts that was found in the picture turned by 45 degrees: the crop is turned by a multiple of 90. */
const DIAGONAL_WEIGHT = 0.9

/**
 * Detects in a picture, in its quarter turns, and in those of the picture that is turned by 45 degrees. Detectors find half of all faces upside
 * down as well, though less surely, and networks make something of them: where boxes of two views meet, the one with the largest product of
 * score and `confidences` counts.
 * @param confidences [0, 1] of the faces in boxes, for their turns
 * @returns boxes of the picture, by falling score
 */
export async function detectAnyRoll(
  image: ImageView,
  backend: Pick<Backend, 'resample'>,
  detect: (image: ImageView) => Promise<FaceBox[]>,
  confidences: (boxes: readonly FaceBox[]) => Promise<readonly number[]>,
): Promise<FaceBox[]> {
  const found: Found[] = []
  const upright = { image, weight: 1, unturned: (box: FaceBox) => box }
  let view = 0
  for (const base of [upright, { ...turnDiagonally(image, backend), weight: DIAGONAL_WEIGHT }])
    for (const turns of [0, 1, 2, 3] as const) {
      for (const box of await detect(turnImage(base.image, turns)))
        found.push({ box: base.unturned(unturned(box, turns, base.image)), weight: base.weight, view })
      view++
    }
  const sure = await confidences(found.map(({ box }) => box))
  const rated = found
    .map((one, i) => ({ ...one, confidence: sure[i]!, rating: one.weight * one.box.score * sure[i]! }))
    .filter(({ confidence }) => confidence >= MIN_CONFIDENCE)
    .sort((a, b) => b.rating - a.rating)
  const kept: Found[] = []
  for (const one of rated) if (!kept.some((other) => isRival(one, other))) kept.push(one)
  return kept.map(({ box }) => box).sort((a, b) => b.score - a.score)
}

/** A box of the picture, from one of its views. */
interface Found {
  readonly box: FaceBox
  readonly weight: number
  readonly view: number
}

function isRival(a: Found, b: Found): boolean {
  return a.view !== b.view && overlap(a.box, b.box) >= SAME_FACE
}

/** The share of the smaller one that lies in the other. */
function overlap(a: FaceBox, b: FaceBox): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1)
  const area = (box: FaceBox): number => (box.x2 - box.x1) * (box.y2 - box.y1)
  return width > 0 && height > 0 ? (width * height) / Math.min(area(a), area(b)) : 0
}

function unturned(box: FaceBox, turns: QuarterTurns, image: ImageView): FaceBox {
  const all = ((turns + (box.quarterTurns ?? 0)) % 4) as QuarterTurns
  return { ...unturnRegion(box, turns, image), score: box.score, ...(all > 0 && { quarterTurns: all }) }
}
