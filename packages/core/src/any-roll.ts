import type { FaceBox } from './detection.ts'
import type { ImageView } from './image.ts'
import { type QuarterTurns, turnImage, unturnRegion } from './quarter-turns.ts'
import { intersectionOverUnion } from './roi.ts'

/** From this overlap on boxes in two turns of a picture are the same face. */
const SAME_FACE = 0.3
/** Below this confidence a box is no face: four looks find more that is none. */
const MIN_CONFIDENCE = 0.5

/**
 * Detects in a picture and in its quarter turns. Detectors find half of all faces upside down as well, though less surely, and networks make
 * something of them: where boxes of two turns meet, the one with the largest product of score and `confidences` counts.
 * @param confidences [0, 1] of the faces in boxes, for their turns
 * @returns boxes of the picture, by falling score
 */
export async function detectAnyRoll(
  image: ImageView,
  detect: (image: ImageView) => Promise<FaceBox[]>,
  confidences: (boxes: readonly FaceBox[]) => Promise<readonly number[]>,
): Promise<FaceBox[]> {
  const boxes = [...(await detect(image))]
  for (const turns of [1, 2, 3] as const)
    for (const box of await detect(turnImage(image, turns))) boxes.push(unturned(box, turns, image))
  const sure = await confidences(boxes)
  const rated = boxes
    .map((box, i) => ({ box, confidence: sure[i]!, rating: box.score * sure[i]! }))
    .filter(({ confidence }) => confidence >= MIN_CONFIDENCE)
    .sort((a, b) => b.rating - a.rating)
  const kept: FaceBox[] = []
  for (const { box } of rated) if (!kept.some((other) => isRival(box, other))) kept.push(box)
  return kept.sort((a, b) => b.score - a.score)
}

function unturned(box: FaceBox, turns: QuarterTurns, image: ImageView): FaceBox {
  const all = ((turns + (box.quarterTurns ?? 0)) % 4) as QuarterTurns
  return { ...unturnRegion(box, turns, image), score: box.score, quarterTurns: all }
}

function isRival(a: FaceBox, b: FaceBox): boolean {
  return (a.quarterTurns ?? 0) !== (b.quarterTurns ?? 0) && intersectionOverUnion(a, b) >= SAME_FACE
}
