// What a second look, the mirror image and a region from a detector do to accuracy, and what they cost:
//   pnpm --filter @3ddfa/benchmarks accuracy AFLW2000_DIR LANDMARKS_DIR [PHOTO] [--save]
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  type AlignOptions,
  type Face,
  type FaceAligner,
  type ImageView,
  type PoseConvention,
  poseFromParams,
  roiFromLandmarks,
  splitParams,
} from '@3ddfa/core'
import {
  boundsOf,
  intersectionOverUnion,
  mean,
  meanPoseError,
  normalizedMeanError,
  pointsInPicture,
  poseError,
  summarizeRatios,
} from '@3ddfa/core/evaluation'
import { openAligner } from './compose.ts'
import { readAflw2000, readImage, readLandmarkFolder, type Sample, typedPath } from './data.ts'

/** Where the face is said to be: by the true points, or by the detector's box that overlaps them most. */
export type Source = 'truth' | 'detector'

/** NME in percent of each sample; a face that the detector does not find has none. */
export async function evaluate(
  aligner: FaceAligner,
  samples: readonly Sample[],
  source: Source = 'truth',
  options: AlignOptions = {},
): Promise<number[]> {
  const errors: number[] = []
  for (const sample of samples) {
    const face = await alignOne(aligner, sample, source, options)
    if (face) errors.push(normalizedMeanError(pointsInPicture(face.landmarks), sample.truth.flat()))
  }
  return errors
}

async function alignOne(
  aligner: FaceAligner,
  { image, truth }: Sample,
  source: Source,
  options: AlignOptions,
): Promise<Face | undefined> {
  const points = truth.flat()
  if (source === 'truth') return (await aligner.align(image, { ...options, rois: [roiFromLandmarks(points, 2)] }))[0]!
  const iou = (box: { x1: number; y1: number; x2: number; y2: number }): number =>
    intersectionOverUnion(box, boundsOf(points))
  const [box] = (await aligner.detect(image, options)).sort((a, b) => iou(b) - iou(a))
  if (!box || iou(box) === 0) return undefined
  return (await aligner.align(image, { ...options, boxes: [box] }))[0]!
}

/** Mean absolute error in degrees of pitch, yaw and roll together. */
export async function evaluatePose(
  aligner: FaceAligner,
  samples: readonly Sample[],
  convention: PoseConvention,
): Promise<number> {
  const errors = []
  for (const sample of samples) {
    const { params } = (await alignOne(aligner, sample, 'truth', {}))!
    const { pitch, yaw, roll } = poseFromParams(splitParams(aligner.model, params), convention)
    // The reference counts pitch and roll the other way round than the labels.
    const sign = convention === 'aflw2000' ? 1 : -1
    const [truePitch, trueYaw, trueRoll] = sample.pose!
    errors.push(
      poseError({ pitch: sign * pitch, yaw, roll: sign * roll }, { pitch: truePitch, yaw: trueYaw, roll: trueRoll }),
    )
  }
  return meanPoseError(errors).mae
}

const OPTIONS: readonly (readonly [string, AlignOptions])[] = [
  ['one look', { refine: false }],
  ['`refine`: a second look where the first landmarks are', { refine: true }],
  ['`flip`: the mean with the mirror image', { refine: false, flip: true }],
  ['`refine` and `flip`', { refine: true, flip: true }],
]

/** How many times as long a photograph takes, landmarks only, as with one look: median and quartiles of rounds in turns. */
async function measureCost(aligner: FaceAligner, image: ImageView): Promise<string[]> {
  const times: number[][] = OPTIONS.map(() => [])
  for (let round = -5; round < 60; round++)
    for (let k = 0; k < OPTIONS.length; k++) {
      const i = (k + round + OPTIONS.length * 2) % OPTIONS.length
      const start = performance.now()
      await aligner.align(image, OPTIONS[i]![1])
      if (round >= 0) times[i]!.push(performance.now() - start)
    }
  return times.map((each) => {
    const { median, q1, q3 } = summarizeRatios(times[0]!, each)
    return `${median.toFixed(2)}x (${q1.toFixed(2)} to ${q3.toFixed(2)})`
  })
}

async function optionTable(
  aligner: FaceAligner,
  sets: Readonly<Record<string, readonly Sample[]>>,
  photo?: string,
): Promise<string> {
  const columns = Object.entries(sets).flatMap(([name, samples]) =>
    (['truth', 'detector'] as const).map((source) => ({ name: `${name}, ${source}`, samples, source })),
  )
  const costs = photo === undefined ? undefined : await measureCost(aligner, await readImage(photo))
  const head = ['', ...columns.map(({ name }) => name), ...(costs ? ['time of a photograph'] : [])]
  const rows = [head, head.map((_, i) => (i === 0 ? '---' : '---:'))]
  for (const [i, [label, options]] of OPTIONS.entries()) {
    const cells: string[] = []
    for (const { samples, source } of columns)
      cells.push(mean(await evaluate(aligner, samples, source, options)).toFixed(3))
    rows.push([label, ...cells, ...(costs ? [costs[i]!] : [])])
  }
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { save: { type: 'boolean' } } })
  const [aflw, landmarks, photo] = positionals.map(typedPath)
  if (!aflw || !landmarks) throw new Error('Expected AFLW2000_DIR LANDMARKS_DIR [PHOTO].')
  const aligner = await openAligner()
  const faces = await readAflw2000(aflw)
  const frames = await readLandmarkFolder(landmarks)
  const sets = { [`${faces.length} of AFLW2000-3D`]: faces, [`${frames.length} frames`]: frames }
  const text = [
    `NME in percent, regions from the true points or from FaceBoxes, weights \`${aligner.regressor.id}\`; times in turns, one thread.`,
    '',
    await optionTable(aligner, sets, photo),
    '',
    `Head pose, mean absolute error: ${(await evaluatePose(aligner, faces, 'aflw2000')).toFixed(2)} degrees with the labels' convention (the default), ${(await evaluatePose(aligner, faces, '3ddfa-v2')).toFixed(2)} with the reference's formula.`,
  ].join('\n')
  console.log(text)
  if (values.save) writeFileSync(fileURLToPath(new URL('../results/accuracy.md', import.meta.url)), `${text}\n`)
  await aligner.dispose()
}

if (process.argv[1]?.endsWith('accuracy.ts')) await main()
