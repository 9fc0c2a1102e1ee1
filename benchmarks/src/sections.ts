// The parts of README.md that are made of stored results.
import { readFileSync } from 'node:fs'
import { describeAims } from './aims.ts'
import { describeCopies } from './copies.ts'
import { conditions, type Measured, number } from './measured.ts'
import { markdownTable, readResult, resultPath } from './results.ts'
import type { Roofline } from './roofline.ts'
import { describeSpeed, type SpeedRun } from './speed.ts'
import { describeStart } from './start.ts'
import type { TrackedSpeed } from './tracked-variants.ts'
import type { VariantAccuracy, VariantSpeed } from './variants.ts'

/** Each part by its name in README.md; one that nothing is stored for is left as it is. */
export function sections(): Record<string, string | undefined> {
  return {
    speed: about<SpeedRun>('speed', (run) => describeSpeed(run)),
    variants: about<Measured<Record<string, VariantSpeed>>>('variants', describeVariants),
    accuracy: about<Record<string, VariantAccuracy>>('variant-accuracy', describeAccuracy),
    tracked: about<Measured<TrackedSpeed>>('tracked', describeTracked),
    roofline: about<Measured<Roofline>>('roofline', describeRoofline),
    start: about('start', describeStart),
    copies: about('copies', describeCopies),
    aims: describeAims(),
    browser: withoutDate('browser.md'),
  }
}

function about<T>(name: string, describe: (result: T) => string): string | undefined {
  const result = readResult<T>(name)
  return result && describe(result)
}

function withoutDate(file: string): string | undefined {
  try {
    return readFileSync(resultPath(file), 'utf8').trim()
  } catch {
    return undefined
  }
}

function describeVariants(measured: Measured<Record<string, VariantSpeed>>): string {
  const [first] = Object.values(measured.result)
  const rows = Object.entries(measured.result).map(([name, { detect, faces, whole, oneLook }]) => [
    name,
    ...[detect, faces, whole].map(({ median }) => number(median)),
    `${(first!.whole.median / whole.median).toFixed(2)}x`,
    number(oneLook.median),
  ])
  const head = ['networks', 'detect', 'two faces, two looks', 'whole still image', 'ratio', 'with one look']
  return [
    conditions(measured),
    '',
    markdownTable([head, ...rows]),
    '',
    '![Times of a still image](results/variants.svg)',
  ].join('\n')
}

function describeAccuracy(result: Record<string, VariantAccuracy>): string {
  const sets = Object.keys(Object.values(result)[0]!.nme)
  const head = ['networks', ...sets.flatMap((set) => [`${set}, truth`, `${set}, detector`]), 'faces found', 'others']
  const rows = Object.entries(result).map(
    ([
      name,
      {
        nme,
        found: [found, all, extra],
      },
    ]) => [
      name,
      ...sets.flatMap((set) => {
        const [truth, detector, missed] = nme[set]!
        return [truth.toFixed(3), `${detector.toFixed(3)}${missed ? ` (${missed} missed)` : ''}`]
      }),
      `${found} of ${all}`,
      String(extra),
    ],
  )
  return markdownTable([head, ...rows])
}

function describeTracked(measured: Measured<TrackedSpeed>): string {
  const { video, rows } = measured.result
  const columns = [...new Set(Object.values(rows).flatMap((row) => Object.keys(row)))]
  const body = Object.entries(rows).map(([name, row]) => [
    name,
    ...columns.map((column) => (row[column] ? number(row[column].median) : '')),
  ])
  const head = ['a frame', ...columns.map((column) => (column === 'none' ? 'without networks' : column))]
  return [`${video}. ${conditions(measured)}`, '', markdownTable([head, ...body])].join('\n')
}

function describeRoofline(measured: Measured<Roofline>): string {
  const { peaks, rows } = measured.result
  const head = ['stage', 'work', 'at the peak', 'measured', 'of the peak']
  const body = rows.map(({ stage, work, limit, milliseconds }) => [
    ...[stage, work, limit.toFixed(3), milliseconds.toFixed(3)],
    `${((100 * limit) / milliseconds).toFixed(0)} %`,
  ])
  return [
    conditions(measured),
    '',
    `Peaks of one core as measured in the same run: ${peaks.float32.toFixed(0)} thousand million multiply-adds a second in float32, ${peaks.int8.toFixed(0)} in 8 bits (products of 768 x 768 matrices in the same runtime), ${peaks.bytes.toFixed(0)} GB/s read from arrays of the basis' size.`,
    '',
    markdownTable([head, ...body]),
  ].join('\n')
}
