import { textTable } from '../text-table.ts'
import { POINT_SETS, type PointSet } from './evaluate.ts'
import type { EvalReport, NmeReport } from './report.ts'

const TITLES: Readonly<Record<PointSet, string>> = {
  original: 'NME in percent, 68 points',
  reannotated: 'NME in percent, 68 points annotated anew',
  aflw21: "NME in percent, AFLW's 21 points",
}

const SPLITS: Readonly<Record<string, string>> = {
  labels: "yaw of the labels' pose",
  list: "yaw of 3DDFA's list",
}

/** The report for people. */
export function describeReport(report: EvalReport): string {
  const parts = [describeFound(report)]
  for (const set of POINT_SETS) if (report.nme[set]) parts.push(`${TITLES[set]}\n${describeNme(report.nme[set])}`)
  if (report.pose) parts.push(describePose(report.pose))
  return `${parts.join('\n\n')}\n`
}

function describeFound({ dataset, pictures, failed, found, meanIou, conditions }: EvalReport): string {
  const readable = pictures - failed
  const iou = meanIou === undefined ? '' : `, mean IoU ${meanIou.toFixed(2)}`
  const rate = ((100 * found) / readable).toFixed(1)
  const seen =
    conditions['roi'] === 'detector'
      ? `, ${conditions['detector']} found ${found} (${rate} %${conditions['minIou'] === undefined ? '' : `, IoU at least ${conditions['minIou']}`})${iou}`
      : ', regions from the true points'
  return `${dataset}: ${pictures} pictures${failed > 0 ? `, ${failed} could not be read` : ''}${seen}`
}

function describeNme({ count, mean, std, median, splits, threshold, auc, failureRate }: NmeReport): string {
  const rows = Object.entries(splits).flatMap(([list, { bins, mean: unweighted, std: between }]) => [
    [SPLITS[list] ?? list],
    ...bins.map((bin) => [`  ${bin.range[0]} to ${bin.range[1]}`, String(bin.count), fixed(bin.mean), fixed(bin.std)]),
    ['  mean of the bins', '', fixed(unweighted), fixed(between)],
  ])
  rows.push(['all pictures alike', String(count), fixed(mean), fixed(std)])
  const curve = `median ${fixed(median)}; AUC up to ${threshold}: ${fixed(auc)}; above it: ${(100 * failureRate).toFixed(1)} %`
  return `${textTable(['|yaw|, degrees', 'pictures', 'mean', 'std'], rows)}\n${curve}`
}

function describePose(pose: NonNullable<EvalReport['pose']>): string {
  const rows = (['aflw2000', '3ddfa-v2'] as const).map((convention) => {
    const { pitch, yaw, roll, mae, geodesic } = pose[convention]
    return [convention, ...[yaw, pitch, roll, mae, geodesic].map((value) => value.toFixed(2))]
  })
  const table = textTable(['convention', 'yaw', 'pitch', 'roll', 'MAE', 'rotation'], rows)
  return `Mean absolute error of the pose in degrees, ${pose.count} pictures within 99 degrees\n${table}`
}

function fixed(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : ''
}
