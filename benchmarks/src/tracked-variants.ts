// A tracked frame of a video, sparse and with the dense mesh drawn, with networks of 32 and of 8 bits, in turns.
import type { FaceAligner, InputFrame, TrackerOptions } from '@3ddfa/core'
import { follow } from '../../packages/cli/src/bench/video-stages.ts'
import { type AlignerOptions, openAligner } from './compose.ts'
import { summarize, type Timing } from './measure.ts'
import { recorded, shader } from './tracking-speed.ts'
import type { Video } from './tracking-video.ts'

const NETWORKS: Readonly<Record<string, AlignerOptions>> = {
  'mb05, FaceBoxes': {},
  'mb05-int8, faceboxes-int8': { int8: true },
  'the same, `--detect-size 480`': { int8: true, detectSize: 480 },
  'mb05-int8, open detector': { model: 'mb05-int8', detector: 'open' },
  'open pack': { model: 'open', detector: 'open' },
}

export interface TrackedSpeed {
  readonly video: string
  /** Milliseconds a frame by what is done and by networks; `none` has the networks' answers played back. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, Timing>>>>
}

const DENSE: TrackerOptions = { dense: true, reuse: true }

export async function measureTracked(video: Video, seconds: number): Promise<TrackedSpeed> {
  const frames: InputFrame[] = []
  for await (const frame of video.frames()) frames.push(frame)
  const aligners: Record<string, FaceAligner> = {}
  for (const [name, options] of Object.entries(NETWORKS)) aligners[name] = await openAligner(options)
  const { replay, rewind } = await recorded(aligners['mb05, FaceBoxes']!)
  const works: { row: string; column: string; pass: () => Promise<void> }[] = []
  const add = (row: string, column: string, aligner: FaceAligner, options: TrackerOptions, draws = false): void => {
    const show = draws ? shader(aligner) : undefined
    const pass = async (): Promise<void> => {
      if (column === 'none') rewind()
      await follow(aligner, frames, options, show)
    }
    works.push({ row, column, pass })
  }
  add('sparse', 'none', replay, {})
  for (const [column, aligner] of Object.entries(aligners)) {
    add('sparse', column, aligner, {})
    add('dense', column, aligner, DENSE)
    add('dense, shaded picture', column, aligner, DENSE, true)
  }
  const times = works.map((): number[] => [])
  const end = performance.now() + 1000 * seconds
  for (let round = -2; round < 3 || performance.now() < end; round++)
    for (let k = 0; k < works.length; k++) {
      const i = (k + round + 2) % works.length
      const start = performance.now()
      await works[i]!.pass()
      if (round >= 0) times[i]!.push((performance.now() - start) / frames.length)
    }
  for (const aligner of Object.values(aligners)) await aligner.dispose()
  const rows: Record<string, Record<string, Timing>> = {}
  works.forEach(({ row, column }, i) => {
    rows[row] = { ...rows[row], [column]: summarize(times[i]!) }
  })
  return { video: `${video.width} x ${video.height}, ${frames.length} frames`, rows }
}
