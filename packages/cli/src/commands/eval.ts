import { join } from 'node:path'
import type { FaceAligner } from '@3ddfa/core'
import { type Console, createConsole } from '../console.ts'
import { CliError, EXIT } from '../errors.ts'
import { engineConditions } from '../eval/conditions.ts'
import { contactSheet, worstCases } from '../eval/contact-sheet.ts'
import { outcomesCsv } from '../eval/csv.ts'
import { curveChart } from '../eval/curve-chart.ts'
import { readAflw2000 } from '../eval/datasets/aflw2000.ts'
import { isBiwi, readBiwi } from '../eval/datasets/biwi.ts'
import { hasCrops, readCrops } from '../eval/datasets/ddfa-crops.ts'
import { readLandmarks } from '../eval/datasets/landmarks.ts'
import { evaluate, type Outcome } from '../eval/evaluate.ts'
import { type EvalReport, reportOf } from '../eval/report.ts'
import { describeReport } from '../eval/report-text.ts'
import type { Dataset } from '../eval/sample.ts'
import { measureStability, type StabilityReport } from '../eval/stability.ts'
import { prepareOutput, writeWhole } from '../files.ts'
import { positionMapOf } from '../model-choice.ts'
import { textTable } from '../text-table.ts'
import type { DatasetName, EngineFlags, EvalFlags } from './eval-command.ts'
import { withAligner } from './with-engine.ts'

const FILES = { result: 'result.json', images: 'images.csv', curve: 'curve.svg', worst: 'worst.png' } as const

/** Evaluates a data set. @returns the exit code. */
export async function evalDataset(name: DatasetName, folder: string, flags: EvalFlags): Promise<number> {
  const console = createConsole(flags)
  if (flags.flip && positionMapOf(flags.model))
    throw new CliError(
      `Expected no --flip, since position maps have no known mirror image, but received it with --model ${flags.model}; leave it out, or give --model mb05 or open.`,
      EXIT.usage,
    )
  if (flags.worst !== undefined && flags.out === undefined)
    throw new CliError('--worst is about the contact sheet; name a folder for it with --out.', EXIT.usage)
  const dataset = readDataset(name, folder, flags)
  const roi = regionSource(dataset, flags.roi)
  if (flags.minIou !== undefined && roi === 'truth')
    throw new CliError('--min-iou is about the boxes of a detector; ask for them with --roi detector.', EXIT.usage)
  const minIou = flags.minIou ?? 0.5
  const pictures = dataset.samples.map(({ path }) => path)
  if (flags.out !== undefined) for (const file of Object.values(FILES)) prepareOutput(join(flags.out, file), pictures)
  return withAligner(flags, console, async (aligner) => {
    const outcomes = await evaluate(dataset, aligner, { ...flags, roi, minIou }, console)
    if (outcomes.every(({ found }) => !found)) throw new CliError(`No face of ${folder} was found.`)
    const { refine, flip = false } = flags
    const conditions = {
      ...engineConditions(aligner),
      ...{ roi, ...(roi === 'detector' && { minIou }), refine: refine ?? roi === 'detector', flip },
    }
    const report = reportOf(dataset.name, conditions, outcomes, flags.threshold)
    // First the files: a reader that closes stdout ends the command.
    if (flags.out !== undefined) await writeFiles(flags.out, report, outcomes, aligner, flags, console)
    process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report))
    return report.failed > 0 ? EXIT.someFailed : EXIT.ok
  })
}

/** Measures how steady landmarks are in a video. @returns the exit code. */
export async function evalStability(video: string, flags: EngineFlags): Promise<number> {
  const console = createConsole(flags)
  return withAligner(flags, console, async (aligner) => {
    const report = await measureStability(video, aligner, engineConditions(aligner), console)
    process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : describeStability(video, report))
    return EXIT.ok
  })
}

function readDataset(name: DatasetName, folder: string, flags: EvalFlags): Dataset {
  switch (name) {
    case 'aflw2000':
      return hasCrops(folder, 'aflw2000') ? readCrops(folder, 'aflw2000', flags) : readAflw2000(folder, flags)
    case 'aflw':
      return readCrops(folder, 'aflw')
    case 'landmarks':
      return readLandmarks(folder)
    case 'pose':
      return isBiwi(folder) ? readBiwi(folder) : readAflw2000(folder)
  }
}

function regionSource({ name, samples }: Dataset, wanted: EvalFlags['roi']): 'truth' | 'detector' {
  const known = samples.every(({ points, place }) => points ?? place)
  if (wanted === 'truth' && !known)
    throw new CliError(`${name} has no true points; its regions come from a detector: --roi detector`, EXIT.usage)
  if (wanted === 'detector' && samples.some(({ place }) => place))
    throw new CliError('The crops of 3DDFA are regions already; a detector needs the photographs.', EXIT.usage)
  return wanted ?? (known ? 'truth' : 'detector')
}

async function writeFiles(
  out: string,
  report: EvalReport,
  outcomes: readonly Outcome[],
  aligner: FaceAligner,
  { worst = 16, maxPixels }: EvalFlags,
  console: Console,
): Promise<void> {
  const written: string[] = []
  const write = (name: string, data: string | Uint8Array): void => {
    writeWhole(join(out, name), data)
    written.push(join(out, name))
  }
  write(FILES.result, `${JSON.stringify(report, null, 2)}\n`)
  write(FILES.images, outcomesCsv(outcomes))
  if (Object.keys(report.nme).length > 0) write(FILES.curve, await curveChart(report, outcomes))
  const cases = worstCases(outcomes, worst)
  if (cases.length > 0) write(FILES.worst, await contactSheet(cases, aligner.backend, maxPixels))
  console.info(`-> ${written.join(', ')}`)
}

function describeStability(video: string, { frames, frameRate, ids, faces }: StabilityReport): string {
  const seen = Object.entries(ids).map(([id, count]) => `${id} (${count} frames)`)
  const rows = faces.map(({ face, smoothing, still, jitter, calmer, lag }) => [
    ...[String(face), smoothing, String(still), jitter],
    ...[smoothing === 'none' || Number.isNaN(calmer) ? '' : `${(100 * calmer).toFixed(0)} %`, lag],
  ])
  const table = textTable(['face', 'smoothing', 'still frames', 'jitter', 'less by', 'lag'], rows)
  return `${video}: ${frames} frames at ${frameRate.toFixed(2)} a second, ids ${seen.join(', ') || 'none'}
${table}
Jitter: mean acceleration in still frames, percent of the face size a frame squared. Lag: frames behind the unsmoothed face.
`
}
