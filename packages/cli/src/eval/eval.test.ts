import { readFileSync } from 'node:fs'
import type { FaceAligner } from '@3ddfa/core'
import { asFloat32, readMat } from '@3ddfa/models'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useLocalModels } from '../../../../scripts/setup.mjs'
import { shared } from '../../../../scripts/shared.mjs'
import { openAligner } from '../compose.ts'
import { createConsole } from '../console.ts'
import { openStore } from '../store.ts'
import { contactSheet, worstCases } from './contact-sheet.ts'
import { outcomesCsv } from './csv.ts'
import { curveChart } from './curve-chart.ts'
import { readAflw2000 } from './datasets/aflw2000.ts'
import { readLandmarks } from './datasets/landmarks.ts'
import { type EvaluateOptions, evaluate, type Outcome } from './evaluate.ts'
import { reportOf } from './report.ts'
import { describeReport } from './report-text.ts'
import type { Dataset } from './sample.ts'

const outcome = (name: string, nme: number | undefined, yaw: number): Outcome => ({
  sample: { name, path: name, yaws: { labels: yaw } },
  found: nme !== undefined,
  nme: nme === undefined ? {} : { original: nme },
})

describe('reportOf', () => {
  const outcomes = [
    outcome('a', 2, 10),
    outcome('b', 4, -45),
    outcome('c', 12, 80),
    outcome('d', undefined, 0),
    { ...outcome('e', undefined, 0), error: 'e, is "damaged"' },
  ]
  const report = reportOf('toy', { roi: 'detector', detector: 'x', minIou: 0.5 }, outcomes, 10)

  it('counts faces that were not found as failures, and pictures that could not be read not at all', () => {
    expect(report).toMatchObject({ pictures: 5, failed: 1, found: 3 })
    const { count, mean, auc, failureRate, splits } = report.nme.original!
    expect({ count, mean, failureRate }).toEqual({ count: 3, mean: 6, failureRate: 0.5 })
    // By hand: (0.8 + 0.6 + 0 + 0) / 4.
    expect(auc).toBeCloseTo(0.35, 12)
    expect(splits['labels']!.bins.map((bin) => bin.mean)).toEqual([2, 4, 12])
  })

  it('is told in words', () => {
    const text = describeReport(report)
    expect(text).toContain('5 pictures, 1 could not be read, x found 3 (75.0 %, IoU at least 0.5)')
    expect(text).toMatch(/30 to 60 +1 +4\.000/)
  })

  it('has a line a picture', () => {
    const lines = outcomesCsv(outcomes).split('\n')
    expect(lines[1]).toBe('a,true,,2,,,10,,,,,,')
    expect(lines[5]).toBe('e,false,,,,,0,,,,,,"e, is ""damaged"""')
  })

  it('has a curve', async () => {
    const svg = await curveChart(report, outcomes)
    expect(svg).toMatch(/^<svg/)
    expect(svg).toContain('68 points: mean 6.00, AUC 0.35')
  })

  it('knows the worst', () => {
    const points = new Float64Array(136)
    const cases = worstCases(
      outcomes.map((each) => (each.found ? { ...each, points } : each)),
      2,
    )
    expect(cases.map(({ outcome }) => outcome.sample.name)).toEqual(['c', 'b'])
  })
})

const here = shared('images/aflw2000') && shared('images/youtube_faces') && shared('standin') && shared('upstream')

describe.skipIf(!here)(`known pictures${here ? '' : ' (skipped: ../shared is not here)'}`, () => {
  const console = createConsole({ quiet: true })
  const truth: EvaluateOptions = { roi: 'truth', minIou: 0.5, maxPixels: 1e8 }
  let aligner: FaceAligner
  let faces: Dataset
  beforeAll(async () => {
    useLocalModels()
    const store = openStore({}, console, { offline: true })
    aligner = await openAligner({ backend: 'auto', detector: 'faceboxes', model: 'mb05', threads: 1 }, store, console)
    faces = readAflw2000(shared('images/aflw2000')!)
  })
  afterAll(() => aligner?.dispose())

  it('AFLW2000-3D: 3.256 percent, 3.24 degrees; one picture by hand', async () => {
    const outcomes = await evaluate(faces, aligner, truth, console)
    const report = reportOf('aflw2000', { regressor: 'mb05' }, outcomes, 10)
    // What 3DDFA_V2 gives on these pictures with the same weights is 3.26.
    expect(report.nme.original!.mean).toBeCloseTo(3.256, 2)
    expect(report.nme.original!.splits['labels']!.bins.map(({ count }) => count)).toEqual([5, 2, 1])
    expect(report.pose!.aflw2000.mae).toBeCloseTo(3.24, 1)
    expect(report.pose!['3ddfa-v2'].mae).toBeCloseTo(6.02, 1)
    const { points, nme, sample } = outcomes[0]!
    expect(nme.original).toBeCloseTo(byHand(points!, sample.path), 8)
    const png = await contactSheet(worstCases(outcomes, 3), aligner.backend, 1e8)
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 440, height: 484 })
  })

  it('YouTube Faces: 4.090 from the true points, 4.65 from boxes, 4.22 with a second look', async () => {
    const frames = readLandmarks(shared('images/youtube_faces')!)
    const mean = async (options: Partial<EvaluateOptions>) => {
      const report = reportOf('frames', {}, await evaluate(frames, aligner, { ...truth, ...options }, console), 10)
      expect(report.found).toBe(40)
      return report.nme.original!.mean
    }
    expect(await mean({})).toBeCloseTo(4.09, 2)
    expect(await mean({ roi: 'detector', refine: false })).toBeCloseTo(4.65, 1)
    expect(await mean({ roi: 'detector' })).toBeCloseTo(4.22, 1)
  })

  it('a box that hardly overlaps the face is none', async () => {
    const outcomes = await evaluate(faces, aligner, { ...truth, roi: 'detector', minIou: 0.7 }, console)
    const found = outcomes.filter((each) => each.found)
    expect(found.length).toBeLessThan(8)
    for (const { iou } of found) expect(iou).toBeGreaterThanOrEqual(0.7)
    for (const { iou, found: isFound } of outcomes) if (!isFound) expect(iou).toBeLessThan(0.7)
  })

  it('goes on after a picture that cannot be read', async () => {
    const missing = { ...faces.samples[0]!, path: 'nowhere.jpg' }
    const outcomes = await evaluate({ name: 'x', samples: [missing, faces.samples[1]!] }, aligner, truth, {
      ...console,
      error: () => {},
    })
    expect(outcomes.map(({ error, found }) => [error !== undefined, found])).toEqual([
      [true, false],
      [false, true],
    ])
  })
})

/** The protocol in plain loops, from the label file itself. */
function byHand(found: Float64Array, picture: string): number {
  const points = asFloat32(readMat(readFileSync(picture.replace(/jpg$/, 'mat')))['pt3d_68']!)
  const [x, y] = [points.subarray(0, 68), points.subarray(68, 136)]
  let sum = 0
  for (let i = 0; i < 68; i++) sum += Math.sqrt((found[2 * i]! - x[i]!) ** 2 + (found[2 * i + 1]! - y[i]!) ** 2)
  const area = (Math.max(...x) - Math.min(...x)) * (Math.max(...y) - Math.min(...y))
  return ((sum / 68) * 100) / Math.sqrt(area)
}
