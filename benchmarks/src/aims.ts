import { type Measured, number } from './measured.ts'
import { markdownTable, readResult } from './results.ts'
import type { SpeedRun } from './speed.ts'
import type { TrackedSpeed } from './tracked-variants.ts'
import { VARIANTS, type VariantSpeed } from './variants.ts'

/** What was aimed for with one thread, and the fastest that was reached. */
export function describeAims(): string | undefined {
  const variants = readResult<Measured<Record<string, VariantSpeed>>>('variants')?.result
  const tracked = readResult<Measured<TrackedSpeed>>('tracked')?.result.rows
  const start = readResult<SpeedRun>('speed')?.start
  if (!variants || !tracked || !start) return undefined
  const isFaceBoxes = (name: string): boolean => VARIANTS[name] !== undefined && VARIANTS[name].detector === undefined
  const still = (isWanted: (name: string) => boolean): string =>
    (['whole', 'oneLook'] as const)
      .map((looks) => {
        const [name, times] = Object.entries(variants)
          .filter(([name]) => isWanted(name))
          .sort(([, a], [, b]) => a[looks].median - b[looks].median)[0]!
        return `${looks === 'whole' ? '' : 'with one look '}${number(times[looks].median)} (${fullName(name)})`
      })
      .join(', ')
  const frames = Object.entries(tracked['dense, shaded picture']!).sort(([, a], [, b]) => a.median - b.median)
  const [networks, frame] = frames[0]!
  return markdownTable([
    ['', 'aim', 'reached'],
    ['whole still image, two faces, FaceBoxes', '12 ms', still(isFaceBoxes)],
    ['the same with another detector', '6 ms', still((name) => !isFaceBoxes(name))],
    ['tracked frame, dense and shaded', '3.5 ms', `${number(frame.median)} (${fullName(networks)})`],
    ['sparse tracking without the networks', '1.0 ms', number(tracked['sparse']!['none']!.median)],
    ['new process', '500 ms, 200 MiB', `${start.milliseconds.toFixed(0)} ms, ${start.mebibytes.toFixed(0)} MiB`],
  ])
}

const fullName = (name: string): string => name.replace('the same', 'mb05-int8, faceboxes-int8')
