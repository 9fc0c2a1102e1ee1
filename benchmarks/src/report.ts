// Measures everything that README.md tells of speed, stores it, and writes README.md, in about six minutes:
//   pnpm --filter @3ddfa/benchmarks report [--shared FOLDER] [--only PART]... [--seconds S] [--reference FOLDER --python INTERPRETER]
// FOLDER has images/trump_hillary.jpg, images/aflw2000, images/youtube_faces and videos/obama.mp4. A part that cannot be measured
// is said, and its stored results stay.
import { existsSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measureCopies } from './copies.ts'
import { readAflw2000, readImage, readLandmarkFolder, typedPath } from './data.ts'
import type { Measured } from './measured.ts'
import { writeReadme } from './readme.ts'
import { saveResult } from './results.ts'
import { measureRoofline } from './roofline.ts'
import { describeMachine, measureSpeed } from './speed.ts'
import { measureStart } from './start.ts'
import { measureTracked } from './tracked-variants.ts'
import { hasFfmpeg, openVideo } from './tracking-video.ts'
import { measureVariantAccuracy, measureVariants } from './variants.ts'

interface Given {
  readonly shared: string
  /** For each of the parts that compare. */
  readonly seconds: number
  readonly reference?: { readonly folder: string; readonly python: string }
}

const load = (): number => Math.round(loadavg()[0]! * 10) / 10

async function measured<T>(work: () => Promise<T>): Promise<Measured<T>> {
  const before = load()
  const result = await work()
  return { date: new Date().toISOString().slice(0, 10), machine: describeMachine(), load: [before, load()], result }
}

/** By the name that results are stored under. */
const PARTS: Readonly<Record<string, (given: Given) => Promise<unknown>>> = {
  variants: async ({ shared, seconds }) => {
    const image = await readImage(photoOf(shared))
    return measured(() => measureVariants(image, seconds))
  },
  tracked: ({ shared, seconds }) => {
    const path = needed(join(shared, 'videos/obama.mp4'))
    if (!hasFfmpeg()) throw new Error('ffmpeg is not here')
    return measured(() => measureTracked(openVideo(path), seconds))
  },
  roofline: async ({ shared }) => {
    const image = await readImage(photoOf(shared))
    return measured(() => measureRoofline(image))
  },
  start: () => measured(measureStart),
  copies: async ({ shared }) => {
    const image = await readImage(photoOf(shared))
    return measured(() => measureCopies(image))
  },
  speed: ({ shared, reference }) => measureSpeed(photoOf(shared), reference),
  'variant-accuracy': async ({ shared }) => {
    const images = join(shared, 'images')
    const faces = await readAflw2000(needed(join(images, 'aflw2000')))
    const frames = await readLandmarkFolder(needed(join(images, 'youtube_faces')))
    const others = await Promise.all(['emma.jpg', 'trump_hillary.jpg'].map((name) => readImage(join(images, name))))
    return measureVariantAccuracy(
      { [`${faces.length} of AFLW2000-3D`]: faces, [`${frames.length} frames`]: frames },
      others,
    )
  },
}

function needed(path: string): string {
  if (!existsSync(path)) throw new Error(`there is no ${path}`)
  return path
}

const photoOf = (shared: string): string => needed(join(shared, 'images/trump_hillary.jpg'))

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      shared: { type: 'string', default: fileURLToPath(new URL('../../../shared', import.meta.url)) },
      seconds: { type: 'string', default: '40' },
      only: { type: 'string', multiple: true },
      reference: { type: 'string' },
      python: { type: 'string', default: 'python3' },
    },
  })
  const { reference, python } = values
  // Stages are compared with the reference: without it the stored comparison is worth more.
  const only = values.only ?? Object.keys(PARTS).filter((name) => name !== 'speed' || reference !== undefined)
  const given: Given = {
    shared: typedPath(values.shared),
    seconds: Number(values.seconds),
    ...(reference !== undefined && { reference: { folder: typedPath(reference), python } }),
  }
  if (!(given.seconds > 0)) throw new Error(`Expected seconds for --seconds but received ${values.seconds}.`)
  const unknown = only.find((name) => !(name in PARTS))
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}.`)
  for (const name of only) {
    const start = performance.now()
    try {
      saveResult(name, await PARTS[name]!(given))
      console.error(`${name}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
    } catch (error) {
      process.exitCode = 1
      console.error(
        `${name} was not measured, its stored results stay: ${error instanceof Error ? error.message : error}`,
      )
    }
  }
  await writeReadme()
}

await main()
