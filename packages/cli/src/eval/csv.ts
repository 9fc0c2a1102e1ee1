import type { Outcome } from './evaluate.ts'

const COLUMNS = [
  ...['name', 'found', 'iou', 'nme_original', 'nme_reannotated', 'nme_aflw21', 'yaw_labels', 'yaw_list'],
  ...['pitch_error', 'yaw_error', 'roll_error', 'rotation_error', 'problem'],
]

/** A line a picture (RFC 4180, with a head): errors in percent and degrees; empty where there is none. */
export function outcomesCsv(outcomes: readonly Outcome[]): string {
  return [COLUMNS, ...outcomes.map(cellsOf)].map((cells) => `${cells.map(cellText).join(',')}\n`).join('')
}

function cellsOf({ sample, found, iou, nme, pose, error }: Outcome): (string | number | undefined)[] {
  const { pitch, yaw, roll, geodesic } = pose?.aflw2000 ?? {}
  const yaws = [sample.yaws['labels'], sample.yaws['list']]
  return [
    ...[sample.name, String(found), iou, nme.original, nme.reannotated, nme.aflw21, ...yaws],
    ...[pitch, yaw, roll, geodesic, error],
  ]
}

function cellText(cell: string | number | undefined): string {
  const text = typeof cell === 'number' ? String(Number(cell.toPrecision(7))) : (cell ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
