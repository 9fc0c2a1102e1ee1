import type { PoseConvention } from '@3ddfa/core'
import {
  areaUnderCurve,
  binByYaw,
  failureRate,
  type MeanPoseError,
  mean,
  meanPoseError,
  quantile,
  standardDeviation,
  type YawBins,
} from '@3ddfa/core/evaluation'
import { type Outcome, POINT_SETS, type PointSet } from './evaluate.ts'

/** What errors against one set of points say; all in percent. Faces that were not found are in `auc` and `failureRate` only. */
export interface NmeReport {
  readonly count: number
  /** Over the pictures, all alike. */
  readonly mean: number
  readonly std: number
  readonly median: number
  /** By the list of yaws that bins them. */
  readonly splits: Readonly<Record<string, YawBins>>
  /** Area under the cumulative curve up to `threshold`, [0, 1], and the share above it. */
  readonly threshold: number
  readonly auc: number
  readonly failureRate: number
}

export interface EvalReport {
  readonly schema: '3ddfa.eval'
  readonly version: 1
  readonly dataset: string
  /** Exact conditions: models, backend, regions, versions. */
  readonly conditions: Readonly<Record<string, unknown>>
  readonly pictures: number
  /** Pictures that could not be read. */
  readonly failed: number
  readonly found: number
  /** Mean overlap of the detector's boxes with the true points' bounding boxes, of faces that were found. */
  readonly meanIou?: number
  readonly nme: Readonly<Partial<Record<PointSet, NmeReport>>>
  /** Degrees, by convention. `count` are the pictures within the protocol's limits. */
  readonly pose?: { readonly count: number } & Readonly<Record<PoseConvention, MeanPoseError>>
}

export function reportOf(
  dataset: string,
  conditions: Readonly<Record<string, unknown>>,
  outcomes: readonly Outcome[],
  threshold: number,
): EvalReport {
  const readable = outcomes.filter(({ error }) => error === undefined)
  const found = readable.filter((outcome) => outcome.found)
  const ious = found.flatMap(({ iou }) => (iou === undefined ? [] : [iou]))
  const sets = POINT_SETS.filter((set) => found.some(({ nme }) => nme[set] !== undefined))
  return {
    schema: '3ddfa.eval',
    version: 1,
    dataset,
    conditions,
    pictures: outcomes.length,
    failed: outcomes.length - readable.length,
    found: found.length,
    ...(ious.length > 0 && { meanIou: mean(ious) }),
    nme: Object.fromEntries(sets.map((set) => [set, nmeReport(readable, set, threshold)])),
    ...poseReport(found),
  }
}

/** Errors of the faces that were looked for; infinite for those that were not found. */
export function errorsOf(outcomes: readonly Outcome[], set: PointSet): number[] {
  return outcomes.filter(({ error }) => error === undefined).map(({ nme }) => nme[set] ?? Number.POSITIVE_INFINITY)
}

function nmeReport(outcomes: readonly Outcome[], set: PointSet, threshold: number): NmeReport {
  const found = outcomes.filter(({ nme }) => nme[set] !== undefined)
  const errors = found.map(({ nme }) => nme[set]!)
  const all = errorsOf(outcomes, set)
  const lists = Object.keys(found[0]!.sample.yaws)
  const splits = lists.map((list) => [
    list,
    binByYaw(
      errors,
      found.map(({ sample }) => sample.yaws[list]!),
    ),
  ])
  return {
    count: errors.length,
    mean: mean(errors),
    std: standardDeviation(errors),
    median: quantile(errors, 0.5),
    splits: Object.fromEntries(splits),
    threshold,
    auc: areaUnderCurve(all, threshold),
    failureRate: failureRate(all, threshold),
  }
}

function poseReport(found: readonly Outcome[]): Pick<EvalReport, 'pose'> {
  const errors = found.flatMap(({ pose }) => (pose ? [pose] : []))
  if (errors.length === 0) return {}
  const of = (convention: PoseConvention): MeanPoseError => meanPoseError(errors.map((error) => error[convention]))
  return { pose: { count: errors.length, aflw2000: of('aflw2000'), '3ddfa-v2': of('3ddfa-v2') } }
}
