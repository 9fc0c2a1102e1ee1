// What is copied or made anew between the stages of a still image, and what that takes.
import { copyImage, createImage, type ImageView } from '@3ddfa/core'
import { quantile } from '@3ddfa/core/evaluation'
import { measureInTurns } from '../../packages/cli/src/bench/measure.ts'
import { openAligner } from './compose.ts'
import { measure } from './measure.ts'
import { conditions, type Measured } from './measured.ts'
import { markdownTable } from './results.ts'

export interface Copy {
  readonly what: string
  readonly kilobytes: number
  readonly milliseconds: number
}

/** Of a picture with two faces and two looks at each, one thread, native backend. */
export async function measureCopies(image: ImageView): Promise<Copy[]> {
  const aligner = await openAligner()
  const faces = await aligner.align(image)
  const out = faces.map((face) => aligner.vertices(face))
  const size = aligner.regressor.inputSize
  const crops = faces.map(() => createImage(size, size).data)
  const canvas = copyImage(image).data as Uint8Array
  const rows: Copy[] = [
    await timed('crops, new for every look', crops, () => faces.map(() => createImage(size, size))),
    await timed('crops, copied into the batch', crops, () => pack(crops)),
    {
      what: 'dense vertices, new for every face',
      kilobytes: kilobytes(out),
      milliseconds: await extra(
        () => faces.map((face) => aligner.vertices(face)),
        () => faces.map((face, i) => aligner.vertices(face, out[i])),
      ),
    },
    await timed('the picture, copied to be drawn on', [image.data], () => canvas.set(image.data)),
  ]
  await aligner.dispose()
  return rows
}

type Arrays = readonly (ImageView['data'] | Float32Array)[]

async function timed(what: string, arrays: Arrays, body: () => unknown): Promise<Copy> {
  const { median } = await measure(body, { budget: 1000 })
  return { what, kilobytes: kilobytes(arrays), milliseconds: median }
}

/** By how much the first takes longer, in turns. */
async function extra(more: () => unknown, less: () => unknown): Promise<number> {
  const things = [more, less].map((run) => ({ run, per: 1 }))
  const [a, b] = await measureInTurns(things, { seconds: 1, leastRounds: 100 })
  return quantile(
    a!.map((milliseconds, i) => milliseconds - b![i]!),
    0.5,
  )
}

function kilobytes(arrays: Arrays): number {
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0) / 1000
}

/** As the regressor does. */
function pack(crops: readonly ImageView['data'][]): Uint8Array {
  const batch = new Uint8Array(crops.length * crops[0]!.length)
  for (const [i, data] of crops.entries()) batch.set(data, i * data.length)
  return batch
}

export function describeCopies(measured: Measured<Copy[]>): string {
  const rows = measured.result.map(({ what, kilobytes, milliseconds }) => [
    ...[what, kilobytes.toFixed(0), milliseconds.toFixed(3)],
  ])
  return [conditions(measured), '', markdownTable([['two faces', 'kB', 'ms'], ...rows])].join('\n')
}
