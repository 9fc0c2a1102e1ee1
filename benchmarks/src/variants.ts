// What networks in 8 bits, smaller pictures for the detector and other detectors make of speed and accuracy.
import type { FaceAligner, ImageView } from '@3ddfa/core'
import { intersectionOverUnion, mean } from '@3ddfa/core/evaluation'
import { painter } from '../../packages/cli/src/bench/painter.ts'
import { evaluate } from './accuracy.ts'
import { type AlignerOptions, openAligner } from './compose.ts'
import type { Sample } from './data.ts'
import { summarize, type Timing } from './measure.ts'

/** What is compared, the usual choice first. */
export const VARIANTS: Readonly<Record<string, AlignerOptions>> = {
  'mb05, FaceBoxes (the default)': {},
  'mb05-int8, faceboxes-int8': { int8: true },
  'the same, `--detect-size 640`': { int8: true, detectSize: 640 },
  'the same, `--detect-size 480`': { int8: true, detectSize: 480 },
  'mb05, UltraFace': { detector: 'ultraface' },
  'mb05, YuNet': { detector: 'yunet' },
  'mb05-int8, open detector': { model: 'mb05-int8', detector: 'open' },
  'mb05-int8, open detector, `--detect-size 320`': { model: 'mb05-int8', detector: 'open', detectSize: 320 },
  'open pack (`--model open`)': { model: 'open', detector: 'open' },
  'open pack, `--detect-size 320`': { model: 'open', detector: 'open', detectSize: 320 },
}

export interface VariantSpeed {
  readonly detect: Timing
  /** Crop, network and landmarks of the faces found, two looks. */
  readonly faces: Timing
  /** From the picture to the shaded picture, no codec. */
  readonly whole: Timing
  /** The same with one look. */
  readonly oneLook: Timing
}

/** Times all variants in turns, one thread, for about so many seconds. */
export async function measureVariants(image: ImageView, seconds: number): Promise<Record<string, VariantSpeed>> {
  const names = Object.keys(VARIANTS)
  const aligners: FaceAligner[] = []
  for (const name of names) aligners.push(await openAligner(VARIANTS[name]))
  const times = aligners.map(() => ({ detect: [], faces: [], whole: [], oneLook: [] }) as Record<string, number[]>)
  const works = await Promise.all(aligners.map((aligner) => worksOf(aligner, image)))
  const end = performance.now() + 1000 * seconds
  for (let round = -3; round < 5 || performance.now() < end; round++)
    for (let k = 0; k < works.length; k++) {
      const i = (k + round + 3) % works.length
      for (const [name, work] of Object.entries(works[i]!)) {
        const start = performance.now()
        await work()
        if (round >= 0) times[i]![name]!.push(performance.now() - start)
      }
    }
  for (const aligner of aligners) await aligner.dispose()
  const summary = (all: Record<string, number[]>) =>
    Object.fromEntries(Object.entries(all).map(([name, list]) => [name, summarize(list)]))
  return Object.fromEntries(names.map((name, i) => [name, summary(times[i]!) as unknown as VariantSpeed]))
}

async function worksOf(aligner: FaceAligner, image: ImageView): Promise<Record<keyof VariantSpeed, () => unknown>> {
  const boxes = await aligner.detector!.detect(image)
  const paint = painter(aligner)
  const whole = async (refine: boolean): Promise<unknown> =>
    paint(image, await aligner.align(image, { dense: true, refine }))
  return {
    detect: () => aligner.detector!.detect(image),
    faces: () => aligner.align(image, { boxes }),
    whole: () => whole(true),
    oneLook: () => whole(false),
  }
}

export interface VariantAccuracy {
  /**
   * NME in percent for each set of pictures: regions from the true points, and from the detector with a second look, which is the mean
   * of those faces that it found; how many it did not find.
   */
  readonly nme: Readonly<Record<string, readonly [truth: number, detector: number, missed: number]>>
  /** Faces that the default finds too (overlap above 0.5), all of its faces, and faces that it does not find. */
  readonly found: readonly [found: number, all: number, extra: number]
}

export async function measureVariantAccuracy(
  sets: Readonly<Record<string, readonly Sample[]>>,
  others: readonly ImageView[],
): Promise<Record<string, VariantAccuracy>> {
  const images = [...Object.values(sets).flatMap((samples) => samples.map(({ image }) => image)), ...others]
  const results: Record<string, VariantAccuracy> = {}
  let expected: Awaited<ReturnType<typeof detectAll>> | undefined
  for (const [name, options] of Object.entries(VARIANTS)) {
    const aligner = await openAligner(options)
    const boxes = await detectAll(aligner, images)
    expected ??= boxes
    const nme: Record<string, [number, number, number]> = {}
    for (const [set, samples] of Object.entries(sets)) {
      const truth = await evaluate(aligner, samples, 'truth', { refine: false })
      const found = await evaluate(aligner, samples, 'detector', { refine: true })
      nme[set] = [mean(truth), mean(found), samples.length - found.length]
    }
    results[name] = { nme, found: compare(expected, boxes) }
    await aligner.dispose()
  }
  return results
}

async function detectAll(aligner: FaceAligner, images: readonly ImageView[]) {
  const boxes = []
  for (const image of images) boxes.push(await aligner.detector!.detect(image))
  return boxes
}

function compare(
  expected: Awaited<ReturnType<typeof detectAll>>,
  actual: Awaited<ReturnType<typeof detectAll>>,
): [number, number, number] {
  let [found, all, extra] = [0, 0, 0]
  expected.forEach((boxes, i) => {
    all += boxes.length
    found += boxes.filter((box) => actual[i]!.some((other) => intersectionOverUnion(box, other) > 0.5)).length
    extra += actual[i]!.filter((box) => !boxes.some((other) => intersectionOverUnion(box, other) > 0.5)).length
  })
  return [found, all, extra]
}
