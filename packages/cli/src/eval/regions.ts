import { type Face, type FaceAligner, type FaceBox, type ImageView, roiFromLandmarks } from '@3ddfa/core'
import { boundsOf, intersectionOverUnion } from '@3ddfa/core/evaluation'
import type { Sample } from './sample.ts'

export interface RegionOptions {
  /** Where regions come from. */
  readonly roi: 'truth' | 'detector'
  /** Least overlap (intersection over union) of a detector's box with the bounding box of the true points. */
  readonly minIou: number
  /** See `AlignOptions`; undefined is the default of `align`. */
  readonly refine?: boolean | undefined
  readonly flip?: boolean | undefined
}

/** A face that was looked for. */
interface Sighting {
  /** Absent when the detector did not find it, or the network saw no head. */
  readonly face?: Face
  /** Of the best box, where the true points are known. */
  readonly iou?: number
}

/** Aligns the face that the sample is about. */
export async function alignSample(
  sample: Sample,
  image: ImageView,
  aligner: FaceAligner,
  { roi, minIou, refine, flip = false }: RegionOptions,
): Promise<Sighting> {
  const options = { flip, ...(refine !== undefined && { refine }) }
  if (roi === 'truth') {
    const region = sample.place
      ? { x1: 0, y1: 0, x2: image.width, y2: image.height }
      : roiFromLandmarks(sample.points!, 2)
    const [face] = await aligner.align(image, { ...options, rois: [region] })
    return face ? { face } : {}
  }
  const boxes = await aligner.detector!.detect(image)
  const { box, iou } =
    sample.points && !sample.place ? mostOverlapping(boxes, sample.points) : nearest(boxes, sample.centre)
  const known = iou === undefined ? {} : { iou }
  if (!box || (iou !== undefined && iou < minIou)) return known
  const [face] = await aligner.align(image, { ...options, boxes: [box] })
  return { ...known, ...(face && { face }) }
}

function mostOverlapping(boxes: readonly FaceBox[], points: Float64Array): { box?: FaceBox; iou: number } {
  const truth = boundsOf(points)
  const best = boxes.map((box) => ({ box, iou: intersectionOverUnion(box, truth) })).sort((a, b) => b.iou - a.iou)[0]
  return best ?? { iou: 0 }
}

/** The box that the head's middle lies in, of several the one whose middle is nearest; the first where nothing is known. */
function nearest(boxes: readonly FaceBox[], centre: Sample['centre']): { box?: FaceBox; iou?: undefined } {
  if (!centre) return boxes[0] ? { box: boxes[0] } : {}
  const [x, y] = centre
  const distance = (box: FaceBox): number => Math.hypot((box.x1 + box.x2) / 2 - x, (box.y1 + box.y2) / 2 - y)
  const around = boxes.filter((box) => x >= box.x1 && x <= box.x2 && y >= box.y1 && y <= box.y2)
  const best = [...around].sort((a, b) => distance(a) - distance(b))[0]
  return best ? { box: best } : {}
}
