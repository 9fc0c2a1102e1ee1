import { readFileSync } from 'node:fs'
import { openAligner } from '../compose.ts'
import { createConsole } from '../console.ts'
import { readPicture } from '../images.ts'
import { openStore } from '../store.ts'
import { painter } from './painter.ts'
import type { Setting } from './setting.ts'

export interface MemoryJob {
  readonly picture: string
  readonly setting: Setting
  readonly model: string
  readonly detectSize?: number | undefined
  readonly maxPixels: number
  readonly from?: readonly string[] | undefined
  readonly cache?: string | undefined
}

/** How often the whole pipeline runs: as long as this, but neither more nor less often than that. */
const RUNS = { seconds: 5, least: 20, most: 500 }

/** Resident memory of a process that does the same again and again, MiB. */
export interface MemoryUse {
  readonly runs: number
  /** After a quarter of the runs, and after all: what grows in between grows forever. */
  readonly warm: number
  readonly end: number
  readonly peak: number
}

async function watch({ picture, setting, model, detectSize, maxPixels, from, cache }: MemoryJob): Promise<MemoryUse> {
  const console = createConsole({ quiet: true })
  const store = openStore({ ...(from && { from }), ...(cache !== undefined && { cache }) }, console, { offline: true })
  const aligner = await openAligner({ ...setting, model, detectSize }, store, console)
  const { image } = await readPicture(picture, { maxPixels })
  const paint = painter(aligner)
  const mebibytes = (): number => process.memoryUsage.rss() / 2 ** 20
  const used: number[] = []
  const until = performance.now() + 1000 * RUNS.seconds
  while (used.length < RUNS.least || (performance.now() < until && used.length < RUNS.most)) {
    paint(image, await aligner.align(image, { dense: true }))
    used.push(mebibytes())
  }
  await aligner.dispose()
  const [warm, end] = [used[used.length >> 2]!, used.at(-1)!]
  return { runs: used.length, warm, end, peak: peakKibibytes() / 1024 }
}

/** Linux' own count where there is one: the portable one starts at what the parent had when it started the process. */
function peakKibibytes(): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))![1])
  } catch {
    return process.resourceUsage().maxRSS
  }
}

process.stdout.write(JSON.stringify(await watch(JSON.parse(process.argv[2]!) as MemoryJob)))
