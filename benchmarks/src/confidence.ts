// How well the confidence of tracking tells faces from background, for each model: crops of labelled faces, jittered as tracking
// jitters them, against crops beside them.
//   pnpm --filter @3ddfa/benchmarks confidence TRAINING_DIR [MODEL...]     (frames.npz and frames.bin in it; mb05 and open)
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type FaceAligner,
  type FaceBox,
  faceConfidence,
  type ImageView,
  type Roi,
  roiFromBox,
  roiFromLandmarks,
} from '@3ddfa/core'
import { readNpz } from '@3ddfa/models'
import sharp from 'sharp'
import { random } from '../../packages/core/src/testing.ts'
import { isHeadCamera } from '../../packages/core/src/tracking/confidence.ts'
import { openAligner } from './compose.ts'
import { typedPath } from './data.ts'

/** Every n-th picture. */
const STEP = 3
const SURE = 0.85
const OFF_A_PICTURE = 3

const [folder, ...models] = process.argv.slice(2)
if (!folder) {
  console.error(
    'Expected the folder of the training data: pnpm --filter @3ddfa/benchmarks confidence FOLDER [MODEL...]',
  )
  process.exit(2)
}
const frames = readFrames(typedPath(folder))
console.log('model    faces  others    AUC   faces below 0.5   others above 0.5')
for (const model of models.length > 0 ? models : ['mb05', 'open']) {
  const aligner = await openAligner({ model, detector: 'open' })
  const next = random(5)
  const [faces, others]: number[][] = [[], []]
  for (let i = 0; i < frames.count; i += STEP) {
    const { image, boxes } = await frames.at(i)
    faces!.push(...(await confidences(aligner, image, await jittered(aligner, image, boxes, next))))
    others!.push(...(await confidences(aligner, image, beside(image, boxes, next))))
  }
  const part = (values: readonly number[], counts: (value: number) => boolean) =>
    `${((100 * values.filter(counts).length) / values.length).toFixed(1)} %`
  const missed = part(faces!, (value) => value < 0.5)
  const ghosts = part(others!, (value) => value > 0.5)
  console.log(
    `${model.padEnd(8)} ${faces!.length}  ${others!.length}  ${separation(faces!, others!).toFixed(4)}  ${missed.padStart(12)}  ${ghosts.padStart(15)}`,
  )
  await aligner.dispose()
}

function readFrames(path: string) {
  const { offsets, box_offsets: ends, boxes } = readNpz(readFileSync(join(path, 'frames.npz')))
  const packed = readFileSync(join(path, 'frames.bin'))
  const at = async (i: number) => {
    const bytes = packed.subarray(Number(offsets!.data[i]), Number(offsets!.data[i + 1]))
    const { data, info } = await sharp(bytes)
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const image: ImageView = { data, width: info.width, height: info.height, channels: 3 }
    const found: FaceBox[] = []
    for (let k = Number(ends!.data[i]); k < Number(ends!.data[i + 1]); k++) {
      const [x1, y1, x2, y2, score] = Array.from({ length: 5 }, (_, j) => Number(boxes!.data[5 * k + j]))
      found.push({ x1: x1!, y1: y1!, x2: x2!, y2: y2!, score: score! })
    }
    return { image, boxes: found }
  }
  return { count: offsets!.data.length - 1, at }
}

async function confidences(aligner: FaceAligner, image: ImageView, rois: readonly Roi[]): Promise<number[]> {
  const params = await aligner.regress(image, rois)
  return params.map((p, i) => (isHeadCamera(p) ? faceConfidence(aligner.faceFromParams(p, rois[i]!)) : 0))
}

/** The faces' own regions, up to 8 % of their side away and 13 % larger or smaller. */
async function jittered(
  aligner: FaceAligner,
  image: ImageView,
  boxes: readonly FaceBox[],
  next: () => number,
): Promise<Roi[]> {
  const rois = boxes.filter(({ score }) => score > SURE).map(roiFromBox)
  const params = await aligner.regress(image, rois)
  return params.flatMap((p, i) => {
    if (!isHeadCamera(p)) return []
    const { x1, y1, x2, y2 } = roiFromLandmarks(aligner.faceFromParams(p, rois[i]!).landmarks)
    const side = (x2 - x1) * Math.exp((next() - 0.5) / 4)
    return squareAround(
      (x1 + x2) / 2 + 0.16 * side * (next() - 0.5),
      (y1 + y2) / 2 + 0.16 * side * (next() - 0.5),
      side,
    )
  })
}

/** Regions that hold less than a twentieth of any face. */
function beside({ width, height }: ImageView, boxes: readonly FaceBox[], next: () => number): Roi[] {
  return Array.from(
    { length: OFF_A_PICTURE },
    () => squareAround(width * next(), height * next(), 30 + 120 * next())[0]!,
  ).filter((roi) =>
    boxes.every((box) => {
      const w = Math.min(box.x2, roi.x2) - Math.max(box.x1, roi.x1)
      const h = Math.min(box.y2, roi.y2) - Math.max(box.y1, roi.y1)
      return Math.max(0, w) * Math.max(0, h) < 0.05 * (box.x2 - box.x1) * (box.y2 - box.y1)
    }),
  )
}

function squareAround(x: number, y: number, side: number): Roi[] {
  return [{ x1: x - side / 2, y1: y - side / 2, x2: x + side / 2, y2: y + side / 2 }]
}

/** Area under the ROC curve: how often a face is surer than another crop. */
function separation(faces: readonly number[], others: readonly number[]): number {
  const sorted = Float64Array.from(others).sort()
  const below = (value: number): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
  return faces.reduce((sum, value) => sum + below(value), 0) / faces.length / sorted.length
}
