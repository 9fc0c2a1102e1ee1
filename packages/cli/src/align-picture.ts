import { basename } from 'node:path'
import {
  type FaceAligner,
  type JsonImage,
  type PoseConvention,
  PositionMapRegressor,
  toAlignResult,
  toJsonImage,
} from '@3ddfa/core'
import { writeWhole } from './files.ts'
import { readPicture } from './images.ts'
import { type OutputName, outputPath } from './outputs/names.ts'
import { type OutputSettings, Scene } from './outputs/scene.ts'
import { isDense, WRITERS } from './outputs/table.ts'
import type { Task } from './plan.ts'
import { describeDoubts, formatJson } from './report.ts'
import { settle } from './settle.ts'

export interface PictureOptions extends OutputSettings {
  readonly maxPixels: number
  readonly poseConvention: PoseConvention
  /** See `AlignOptions`. */
  readonly refine: boolean
  readonly flip?: boolean | undefined
  readonly anyRoll?: boolean | undefined
}

/** What came of a picture. */
export interface PictureResult {
  readonly entry: JsonImage & Required<Pick<JsonImage, 'faces' | 'timings' | 'outputs'>>
  /** What is worth telling, one line each. */
  readonly notes: readonly string[]
}

/** Pictures that are encoded at the same time: sharp does it on threads of its own. */
const LANES = 2

/**
 * Reads and aligns one picture and writes its outputs. Where there is no face only `json` is written.
 * @throws {Error} one sentence; nothing was written when the picture could not be read or aligned.
 */
export async function alignPicture(
  { input, base }: Task,
  outputs: readonly OutputName[],
  aligner: FaceAligner,
  options: PictureOptions,
): Promise<PictureResult> {
  const timings: Record<string, number> = {}
  const onStage = (stage: string, milliseconds: number) => {
    timings[stage] = round(milliseconds)
  }
  const start = performance.now()
  const { image, note } = await readPicture(input, options)
  onStage('decode', performance.now() - start)
  const { poseConvention, refine, flip, anyRoll } = options
  const dense = outputs.some(isDense)
  // A second look is left to what the network is for unless it was ruled out.
  const look = refine ? {} : { refine }
  const faces = await aligner.align(image, { dense, poseConvention, ...look, flip, anyRoll, onStage })
  const scene = new Scene(image, faces, aligner, options)
  const written = faces.length > 0 ? await writeAll(scene, base, outputs, onStage) : {}
  const json = outputs.includes('json') ? { json: [outputPath(base, 'json')] } : {}
  const entry = {
    ...toJsonImage(input, image, faces, { model: aligner.model }),
    timings,
    outputs: { ...written, ...json },
  }
  for (const path of json.json ?? []) writeWhole(path, formatJson(toAlignResult(aligner, [entry])))
  // A position map has no camera that the confidence could judge.
  const isOfParams = !(aligner.meshRegressor instanceof PositionMapRegressor)
  const doubts = isOfParams ? describeDoubts(input, faces, anyRoll) : undefined
  const notes = [note, doubts].filter((line) => line !== undefined)
  return { entry: entry as PictureResult['entry'], notes }
}

async function writeAll(
  scene: Scene,
  base: string,
  outputs: readonly OutputName[],
  onStage: (stage: string, milliseconds: number) => void,
): Promise<Record<string, string[]>> {
  const written: Record<string, string[]> = Object.fromEntries(outputs.map((output) => [output, []]))
  delete written['json']
  const queue = outputs.values()
  const lane = async (): Promise<void> => {
    for (const output of queue) {
      if (output === 'json') continue
      const start = performance.now()
      for (const { suffix, data } of await WRITERS[output](scene, basename(`${base}_${output}`))) {
        writeWhole(`${base}_${output}${suffix}`, data)
        written[output]!.push(`${base}_${output}${suffix}`)
      }
      onStage(output, performance.now() - start)
    }
  }
  await settle(Array.from({ length: LANES }, lane))
  return written
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100
}
