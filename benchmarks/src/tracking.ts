// Ids, confidence, jitter, lag and speed of tracking: pnpm --filter @3ddfa/benchmarks exec tsx src/tracking.ts VIDEO...
import {
  type FaceAligner,
  faceConfidence,
  type InputFrame,
  type Roi,
  roiFromLandmarks,
  type Smoothing,
  type TrackedFrame,
} from '@3ddfa/core'
import {
  centredMean,
  jitter,
  type Landmarks,
  lag,
  landmarkDistance,
  landmarkSize,
  stillFrames,
} from '@3ddfa/core/evaluation'
import { openAligner } from './compose.ts'
import { typedPath } from './data.ts'
import { auc } from './tracking-metrics.ts'
import { measureOverhead, measureSpeed } from './tracking-speed.ts'
import { type Placement, syntheticVideo } from './tracking-synthetic.ts'
import { openVideo } from './tracking-video.ts'

/** The unsmoothed first: the others are measured against it. */
export const SMOOTHINGS: readonly Smoothing[] = ['none', 'one-euro', 'look-ahead']
/** Face sizes a second below which a face counts as still. */
const STILL = 0.25

export async function follow(
  aligner: FaceAligner,
  frames: AsyncIterable<InputFrame> | Iterable<InputFrame>,
  smoothing: Smoothing,
): Promise<TrackedFrame[]> {
  const out: TrackedFrame[] = []
  for await (const frame of aligner.track(frames, { smoothing })) out.push(frame)
  return out
}

/** Ids that occur, rising, with the number of frames of each. */
export function idCounts(frames: readonly TrackedFrame[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { faces } of frames) for (const { id } of faces) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

/** Landmarks of one face. @throws {Error} when a frame lacks it. */
export function landmarksOf(frames: readonly TrackedFrame[], id: number): Float32Array[] {
  return frames.map(({ index, faces }) => {
    const face = faces.find((f) => f.id === id)
    if (!face) throw new Error(`Face ${id} is not in frame ${index}.`)
    return face.landmarks
  })
}

export interface Confidences {
  readonly good: number[]
  readonly lost: number[]
}

/**
 * Confidence of crops as tracking makes them (each frame's region with the jitter of tracking), and of lost ones: shifted off
 * the face by 0.6 to 1.3 of its region, or of background.
 */
export async function measureConfidence(aligner: FaceAligner, frames: readonly TrackedFrame[]): Promise<Confidences> {
  let state = 7
  const uniform = (low: number, high: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return low + ((high - low) * state) / 4294967296
  }
  const result: Confidences = { good: [], lost: [] }
  for (const { image, faces } of frames) {
    const regions = faces.map((face) => roiFromLandmarks(face.landmarks))
    const good: Roi[] = []
    const lost: Roi[] = []
    for (const region of regions) {
      for (let k = 0; k < 3; k++) {
        good.push(moved(region, uniform(-0.1, 0.1), uniform(-0.1, 0.1), uniform(-0.1, 0.1)))
        const [angle, far] = [uniform(0, 2 * Math.PI), uniform(0.6, 1.3)]
        lost.push(moved(region, far * Math.cos(angle), far * Math.sin(angle), uniform(-0.4, 0.4)))
        const side = region.x2 - region.x1
        const [x, y] = [uniform(0, image.width - side), uniform(0, image.height - side)]
        lost.push(moved({ x1: x, y1: y, x2: x + side, y2: y + side }, 0, 0, uniform(-0.7, 0.7)))
      }
    }
    const isOff = (roi: Roi): boolean => regions.every((region) => distance(roi, region) > 0.6)
    result.good.push(...(await confidences(aligner, image, good)))
    result.lost.push(...(await confidences(aligner, image, lost.filter(isOff))))
  }
  return result
}

async function confidences(aligner: FaceAligner, image: TrackedFrame['image'], rois: Roi[]): Promise<number[]> {
  const params = await aligner.regress(image, rois)
  return params.map((p, i) => {
    try {
      return faceConfidence(aligner.faceFromParams(p, rois[i]!))
    } catch {
      return 0 // A mirrored camera is no head's; tracking does not get as far as a confidence.
    }
  })
}

/** Moved by parts of its side, its size changed by a factor given as a logarithm. */
function moved(roi: Roi, dx: number, dy: number, logSize: number): Roi {
  const side = roi.x2 - roi.x1
  const [x, y, half] = [
    (roi.x1 + roi.x2) / 2 + dx * side,
    (roi.y1 + roi.y2) / 2 + dy * side,
    (side * Math.exp(logSize)) / 2,
  ]
  return { x1: x - half, y1: y - half, x2: x + half, y2: y + half }
}

/** Between centres, in sides of the second. */
function distance(a: Roi, b: Roi): number {
  return Math.hypot(a.x1 + a.x2 - b.x1 - b.x2, a.y1 + a.y2 - b.y1 - b.y2) / 2 / (b.x2 - b.x1)
}

const SYNTHETIC: Readonly<Record<string, (seconds: number) => Partial<Placement>>> = {
  still: () => ({}),
  'sway 0.5 Hz': (t) => ({ x: 60 * Math.sin(Math.PI * t) }),
  'sway 1 Hz': (t) => ({ x: 60 * Math.sin(2 * Math.PI * t), y: 20 * Math.sin(2.6 * Math.PI * t) }),
  'start and stop': (t) => ({ x: 200 * Math.max(0, Math.min(0.5, t - 1)) }),
  'roll 0.5 Hz': (t) => ({ angle: 0.4 * Math.sin(Math.PI * t) }),
  'zoom 0.4 Hz': (t) => ({ zoom: 0.5 + 0.15 * Math.sin(0.8 * Math.PI * t) }),
}

function row(...cells: (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}
const percent = (value: number): string => `${(100 * value).toFixed(0)} %`

async function reportVideo(aligner: FaceAligner, path: string): Promise<void> {
  const video = openVideo(path)
  const results = new Map<Smoothing, TrackedFrame[]>()
  for (const smoothing of SMOOTHINGS) results.set(smoothing, await follow(aligner, video.frames(), smoothing))
  const raw = results.get('none')!
  const ids = [...idCounts(raw)].map(([id, count]) => `${id} (${count} frames)`)
  console.log(`\n${path}: ${raw.length} frames, ids ${ids.join(', ')}`)
  const { good, lost } = await measureConfidence(aligner, raw)
  console.log(
    `confidence: AUC ${auc(good, lost).toFixed(4)}; ${good.length} good crops, ${percent(good.filter((c) => c < 0.5).length / good.length)} of them below 0.5; ${lost.length} lost, ${((100 * lost.filter((c) => c >= 0.5).length) / lost.length).toFixed(1)} % above`,
  )
  console.log(row('face', 'still frames', 'smoothing', 'jitter', 'less by', 'lag'))
  for (const id of idCounts(raw).keys()) {
    const still = stillFrames(landmarksOf(raw, id), video.fps, STILL)
    const before = jitter(landmarksOf(raw, id), still)
    for (const smoothing of SMOOTHINGS) {
      const points = landmarksOf(results.get(smoothing)!, id)
      const after = jitter(points, still)
      const delay = lag(points, centredMean(landmarksOf(raw, id), 1))
      console.log(row(id, still.length, smoothing, after.toFixed(2), percent(1 - after / before), delay.toFixed(2)))
    }
  }
}

async function reportSynthetic(aligner: FaceAligner, path: string): Promise<void> {
  let photo: InputFrame | undefined
  for await (photo of openVideo(path).frames()) break
  const [first] = await follow(aligner, [photo!], 'none')
  const { x1, y1, x2, y2 } = roiFromLandmarks(first!.faces[0]!.landmarks)
  console.log('\nOne frame of it, moved, with sensor noise of 4 levels, 30 frames a second')
  console.log(row('motion', 'smoothing', 'jitter', 'lag', 'error'))
  for (const [name, motion] of Object.entries(SYNTHETIC)) {
    const video = syntheticVideo(first!.image, [(x1 + x2) / 2, (y1 + y2) / 2], (t) => ({
      ...{ x: 0, y: 0, zoom: 0.5, angle: 0 },
      ...motion(t),
    }))
    const raw = landmarksOf(await follow(aligner, video.frames(), 'none'), 1)
    // What the network says of the photograph on average, carried along by the known motion.
    const shape = centredMean(
      raw.map((points, i) => video.unplace(points, video.placements[i]!)),
      raw.length,
    )[0]!
    const truth: Landmarks[] = video.placements.map((placement) => video.place(shape, placement))
    const inner = raw.flatMap((_, t) => (t > 0 && t < raw.length - 1 ? [t] : []))
    for (const smoothing of SMOOTHINGS) {
      const points = landmarksOf(await follow(aligner, video.frames(), smoothing), 1)
      const errors = points.map((p, t) => (100 * landmarkDistance(p, truth[t]!)) / landmarkSize(truth[t]!))
      const delay = name === 'still' ? '' : lag(points, truth).toFixed(2)
      console.log(
        row(
          name,
          smoothing,
          jitter(points, inner).toFixed(2),
          delay,
          (errors.reduce((a, b) => a + b, 0) / errors.length).toFixed(2),
        ),
      )
    }
  }
}

async function main(paths: string[]): Promise<void> {
  const aligner = await openAligner()
  const videos = paths.map(typedPath)
  for (const path of videos) await reportVideo(aligner, path)
  await reportSynthetic(aligner, videos[0]!)
  console.log(`\n${row('pipeline', 'ms a frame', 'frames a second')}`)
  for (const { name, milliseconds } of [
    ...(await measureOverhead(aligner, openVideo(videos[0]!))),
    ...(await measureSpeed(aligner, openVideo(videos[0]!))),
  ])
    console.log(row(name, milliseconds.toFixed(3), (1000 / milliseconds).toFixed(0)))
  await aligner.dispose()
}

if (process.argv[1]?.endsWith('tracking.ts')) await main(process.argv.slice(2))
