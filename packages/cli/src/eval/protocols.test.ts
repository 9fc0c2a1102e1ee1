// Protocols from files to tables with values by hand; a network that errs as we say stands in for the real one.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AlignOptions,
  type EulerAngles,
  type Face,
  type FaceAligner,
  type ImageView,
  InvalidInputError,
  type Mat3,
} from '@3ddfa/core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConsole } from '../console.ts'
import { outcomesCsv } from './csv.ts'
import { readAflw2000 } from './datasets/aflw2000.ts'
import { readBiwi } from './datasets/biwi.ts'
import { readCrops } from './datasets/ddfa-crops.ts'
import { type EvaluateOptions, evaluate, type Outcome } from './evaluate.ts'
import { type EvalReport, reportOf } from './report.ts'
import { describeReport } from './report-text.ts'
import type { Dataset } from './sample.ts'
import { folderOf, mat, npy } from './testing.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const blank = (size: number): Promise<Buffer> =>
  sharp({ create: { width: size, height: size, channels: 3, background: 'grey' } })
    .png()
    .toBuffer()

const DEGREE = Math.PI / 180
const options: EvaluateOptions = { roi: 'truth', minIou: 0.5, maxPixels: 1e6 }

/** Rx Ry Rz, as the labels count, multiplied out. */
function rotation({ pitch, yaw, roll }: EulerAngles): Mat3 {
  const [sx, cx, sy, cy, sz, cz] = [pitch, yaw, roll].flatMap((a) => [Math.sin(a), Math.cos(a)]) as number[]
  return [
    ...[cy! * cz!, cy! * sz!, -sy!],
    ...[sx! * sy! * cz! - cx! * sz!, sx! * sy! * sz! + cx! * cz!, sx! * cy!],
    ...[cx! * sy! * cz! + sx! * sz!, cx! * sy! * sz! - sx! * cz!, cx! * cy!],
  ] as unknown as Mat3
}

/** An aligner that gives its answers one by one; boxes are the whole picture. */
function scripted(answers: readonly { points: (i: number) => readonly [number, number]; pose: EulerAngles }[]) {
  let next = 0
  const align = async (_: ImageView, { rois, boxes }: AlignOptions): Promise<Partial<Face>[]> => {
    const { points, pose } = answers[next++]!
    const r = rotation(pose).map((value) => 2 * value)
    const camera = [0, 3, 6].flatMap((row) => [r[row]!, r[row + 1]!, r[row + 2]!, 50])
    const landmarks = Float32Array.from({ length: 204 }, (_, i) =>
      i % 3 === 2 ? 0 : points(Math.floor(i / 3))[i % 3]!,
    )
    return [{ roi: (rois ?? boxes)![0]!, params: Float32Array.from(camera), landmarks }]
  }
  const detector = { id: 'scripted', detect: async () => [{ x1: 0, y1: 0, x2: 200, y2: 200, score: 1 }] }
  return { align, detector, model: { shapeCount: 0, expressionCount: 0 } } as unknown as FaceAligner
}

async function run(dataset: Dataset, aligner: FaceAligner, given = options): Promise<[EvalReport, Outcome[]]> {
  const outcomes = await evaluate(dataset, aligner, given, createConsole({ quiet: true }))
  return [reportOf(dataset.name, {}, outcomes, 12), outcomes]
}

// A square of true points: every box is 60 x 60, so a distance of 3 is an NME of 5 %.
const truth = (i: number): [number, number] => [20 + 60 * (i % 2), 30 + 60 * ((i >> 1) % 2)]
const sixtyEight = Array.from({ length: 68 }, (_, i) => truth(i))
const rows = (points: readonly (readonly [number, number])[]) =>
  [0, 1].map((axis) => points.map((point) => point[axis]!))

describe('the protocol of AFLW2000-3D', () => {
  // Labels' yaws 10, -45, 80, 120 degrees; the list puts them at 5, 20, -50, 61. Errors of 3, 6, 9 and 12 pixels.
  const yaws = [10, -45, 80, 120]
  const pose = (i: number): EulerAngles => ({ pitch: 0.1, yaw: yaws[i]! * DEGREE, roll: -0.2 })
  let report: EvalReport
  let outcomes: Outcome[]
  beforeAll(async () => {
    const picture = await blank(200)
    const files: Record<string, string | Uint8Array> = {}
    for (let i = 0; i < 4; i++) {
      const { pitch, yaw, roll } = pose(i)
      files[`${i}.png`] = picture
      files[`${i}.mat`] = mat({
        pt3d_68: [...rows(sixtyEight), sixtyEight.map(() => 0)],
        Pose_Para: [[pitch, yaw, roll, 0, 0, 0, 0]],
      })
    }
    // Annotated anew: 3 pixels to the right, so that found points are 0, 3, 6 and 9 off.
    const anew = rows(sixtyEight.map(([x, y]) => [x + 3, y] as const)).flat()
    files['AFLW2000-3D-Reannotated.pts68.npy'] = npy([4, 2, 68], [anew, anew, anew, anew].flat())
    files['AFLW2000-3D.pose.npy'] = npy([4], [5, 20, -50, 61])
    const folder = folderOf(files)
    folders.push(folder)
    const answers = [1, 2, 3, 4].map((k, i) => ({
      points: (at: number): [number, number] => [truth(at)[0] + 3 * k, truth(at)[1]],
      // Off by 1, 2 and 3 degrees a picture number.
      pose: {
        pitch: pose(i).pitch + k * DEGREE,
        yaw: pose(i).yaw - 2 * k * DEGREE,
        roll: pose(i).roll + 3 * k * DEGREE,
      },
    }))
    ;[report, outcomes] = await run(readAflw2000(folder), scripted(answers))
  })

  const means = (split: 'labels' | 'list', set: 'original' | 'reannotated' = 'original') =>
    report.nme[set]!.splits[split]!

  it('NME by the yaws of the labels and by those of the list', () => {
    const { mean, std, median, auc, failureRate } = report.nme.original!
    expect(mean).toBeCloseTo(12.5, 5)
    expect(std).toBeCloseTo(Math.sqrt((7.5 ** 2 + 2.5 ** 2) / 2), 5)
    expect(median).toBeCloseTo(12.5, 5)
    // Up to 12 %: 5 % leaves 7 twelfths, 10 % leaves 2.
    expect(auc).toBeCloseTo(9 / 12 / 4, 5)
    expect(failureRate).toBe(0.5)
    expect(means('labels').bins.map(({ count, mean: m }) => [count, Math.round(m * 1e4) / 1e4])).toEqual([
      [1, 5],
      [1, 10],
      [2, 17.5],
    ])
    expect(means('labels').mean).toBeCloseTo((5 + 10 + 17.5) / 3, 5)
    expect(means('labels').bins[2]!.std).toBeCloseTo(2.5, 5)
    expect(means('list').bins.map(({ count, mean: m }) => [count, Math.round(m * 1e4) / 1e4])).toEqual([
      [2, 7.5],
      [1, 15],
      [1, 20],
    ])
    expect(means('list').mean).toBeCloseTo((7.5 + 15 + 20) / 3, 5)
  })

  it('NME of the points annotated anew', () => {
    expect(report.nme.reannotated!.mean).toBeCloseTo(7.5, 5)
    expect(means('labels', 'reannotated').mean).toBeCloseTo((0 + 5 + 12.5) / 3, 5)
    expect(means('list', 'reannotated').mean).toBeCloseTo((2.5 + 10 + 15) / 3, 5)
  })

  it('pose, without the picture beyond 99 degrees', () => {
    const { count, aflw2000 } = report.pose!
    expect(count).toBe(3)
    // Errors of k, 2k and 3k degrees for k = 1, 2, 3.
    expect([aflw2000.pitch, aflw2000.yaw, aflw2000.roll, aflw2000.mae].map((v) => Math.round(v * 1e3) / 1e3)).toEqual([
      2, 4, 6, 4,
    ])
  })

  it('is told as a table, and a line a picture', () => {
    const text = describeReport(report)
    expect(text).toMatch(/NME in percent, 68 points annotated anew/)
    expect(text).toMatch(/yaw of 3DDFA's list\n +0 to 30 +2 +7\.500 +2\.500\n/)
    expect(text).toMatch(/3 pictures within 99 degrees/)
    const lines = outcomesCsv(outcomes).trim().split('\n')
    expect(lines).toHaveLength(5)
    const cells = lines[2]!.split(',')
    expect(cells[0]).toBe('1')
    expect(cells.slice(3, 8).map((cell) => (cell === '' ? cell : Number(cell).toFixed(3)))).toEqual([
      ...['10.000', '5.000', '', '-45.000', '20.000'],
    ])
    expect(cells.slice(8, 11).map((cell) => Number(cell).toFixed(3))).toEqual(['2.000', '4.000', '6.000'])
    expect(lines[4]!.split(',').slice(8)).toEqual(['', '', '', '', ''])
  })
})

describe("AFLW's 21 points, on crops", () => {
  const off = (dx: number) => ({
    points: (): [number, number] => [10 + dx, 20],
    pose: { pitch: 0, yaw: 0, roll: 0 },
  })

  it('are compared in the photograph, where they are labelled', async () => {
    // All points found at (10, 20) of a crop of 60 pixels that covers 120 of the photograph from (100, 200): at (120, 240) there.
    const seen = [120, 240] as const
    const labels = Array.from({ length: 21 }, (_, i) =>
      i === 0 ? seen : i === 20 ? ([126, 248] as const) : ([-1, -1] as const),
    )
    // Of the second crop, a found point is 12 to the right; of 21 labels all are at the first one's place.
    const all = labels.map(() => seen)
    const picture = await blank(60)
    const folder = folderOf({
      'test.data/AFLW_GT_crop.list': 'one.png\ntwo.png\n',
      ...{ 'test.data/AFLW_GT_crop/one.png': picture, 'test.data/AFLW_GT_crop/two.png': picture },
      'test.configs/AFLW_GT_crop_roi_box.npy': npy([2, 4], [100, 200, 220, 320, 100, 200, 220, 320]),
      'test.configs/AFLW_GT_crop_yaws.npy': npy([2], [-5, 70]),
      'test.configs/AFLW_GT_pts21.npy': npy([2, 2, 21], [...rows(labels), ...rows(all)].flat()),
      'test.configs/AFLW_GT_pts68.npy': npy([2, 2, 68], [...rows(sixtyEight), ...rows(sixtyEight)].flat()),
    })
    folders.push(folder)
    const [report] = await run(readCrops(folder, 'aflw'), scripted([off(0), off(6)]))
    // Distances 0 and 10 (two labels), then 12, over 60.
    const { count, mean, splits } = report.nme.aflw21!
    expect(count).toBe(2)
    expect(mean).toBeCloseTo((5 / 60 + 12 / 60) * 50, 4)
    expect(splits['list']!.bins.map((bin) => bin.mean)[0]).toBeCloseTo(500 / 60, 4)
    expect(splits['list']!.bins.map((bin) => bin.mean)[2]).toBeCloseTo(20, 4)
    expect(splits['list']!.mean).toBeCloseTo((500 / 60 + 20) / 2, 4)
    expect(report.nme.original).toBeUndefined()
  })
})

describe("lists of 3DDFA's benchmark that are others than it needs are refused", () => {
  const files = {
    'test.data/AFLW_GT_crop.list': 'one.png\n',
    'test.configs/AFLW_GT_crop_roi_box.npy': npy([1, 4], [100, 200, 220, 320]),
    'test.configs/AFLW_GT_crop_yaws.npy': npy([1], [-5]),
    'test.configs/AFLW_GT_pts21.npy': npy([1, 2, 21], new Array(42).fill(-1)),
  }
  it.each([
    [
      'regions of two numbers',
      { 'test.configs/AFLW_GT_crop_roi_box.npy': npy([1, 2], [100, 200]) },
      /roi_box\.npy has 2 numbers a picture; expected 4\.$/,
    ],
    [
      'no regions',
      { 'test.configs/AFLW_GT_crop_roi_box.npy': npy([1, 4], [0, 0, 0, 0]) },
      /roi_box\.npy has no region for one\.png/,
    ],
    [
      'seven yaws',
      { 'test.configs/AFLW_GT_crop_yaws.npy': npy([1, 7], [1, 2, 3, 4, 5, 6, 7]) },
      /yaws\.npy has 7 numbers a picture; expected 1\.$/,
    ],
  ])('%s', (_, changed, message) => {
    const folder = folderOf({ ...files, ...changed })
    folders.push(folder)
    expect(() => readCrops(folder, 'aflw')).toThrow(message)
  })

  it('and files that are named and not there', () => {
    const folder = folderOf(files)
    folders.push(folder)
    expect(readCrops(folder, 'aflw').samples).toHaveLength(1)
    for (const name of ['yaws', 'reannotated'])
      expect(() => readCrops(folder, 'aflw', { [name]: join(folder, 'nowhere.npy') })).toThrow(
        /nowhere\.npy cannot be read/,
      )
  })
})

describe('BIWI', () => {
  it('pose error of faces that a detector finds; a face elsewhere is none', async () => {
    // About y, which points down in the camera's axes.
    const turned = (yaw: number, x: number): string => {
      const [s, c] = [Math.sin(yaw * DEGREE), Math.cos(yaw * DEGREE)]
      return `${c} 0 ${s}\n0 1 0\n${-s} 0 ${c}\n\n${x} 0 1000\n`
    }
    const folder = folderOf({
      '01/rgb.cal': '500 0 100\n0 500 100\n0 0 1\n\n0 0 0 0\n\n1 0 0\n0 1 0\n0 0 1\n\n0 0 0\n',
    })
    folders.push(folder)
    const labels = [turned(30, 0), turned(-20, 0), turned(0, 900)]
    for (const [i, text] of labels.entries()) {
      writeFileSync(join(folder, `01/frame_0000${i}_pose.txt`), text)
      writeFileSync(join(folder, `01/frame_0000${i}_rgb.png`), await blank(200))
    }
    const answer = (yaw: number, pitch: number) => ({ points: truth, pose: { pitch, yaw: yaw * DEGREE, roll: 0 } })
    const aligner = scripted([answer(33, 0), answer(-20, 6 * DEGREE)])
    const [report] = await run(readBiwi(folder), aligner, { ...options, roi: 'detector' })
    // The third head is at 550 pixels of 200.
    expect(report).toMatchObject({ pictures: 3, failed: 0, found: 2, nme: {} })
    const { yaw, pitch, roll, mae, geodesic } = report.pose!.aflw2000
    expect([yaw, pitch, roll, mae].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([1.5, 3, 0, 1.5])
    expect(geodesic).toBeCloseTo(4.5, 4)
  })
})

it('an error of the aligner is told as one, not as a face that was not found', async () => {
  const folder = folderOf({ '1.png': await blank(20) })
  folders.push(folder)
  const aligner = {
    align: async () => {
      throw new InvalidInputError('Expected `flip` to be false but received true.')
    },
  } as unknown as FaceAligner
  const sample = { name: '1', path: join(folder, '1.png'), points: Float64Array.from(sixtyEight.flat()), yaws: {} }
  const lines: string[] = []
  const console = { ...createConsole({ quiet: true }), error: (line: string) => void lines.push(line) }
  const [outcome] = await evaluate({ name: 'x', samples: [sample] }, aligner, options, console)
  expect(outcome!.error).toBe('Expected `flip` to be false but received true.')
  expect(lines).toEqual([outcome!.error])
})
