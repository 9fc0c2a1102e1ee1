import { areaUnderCurve, cumulativeCurve } from '@3ddfa/core/evaluation'
import { renderSvg } from '../charts/chart.ts'
import { type Outcome, POINT_SETS } from './evaluate.ts'
import { type EvalReport, errorsOf } from './report.ts'

const NAMES = { original: '68 points', reannotated: '68 points, annotated anew', aflw21: '21 points' } as const

/** The cumulative error curves as SVG: which share of the faces has at most which NME. */
export function curveChart(report: EvalReport, outcomes: readonly Outcome[]): Promise<string> {
  const sets = POINT_SETS.filter((set) => report.nme[set])
  const threshold = report.nme[sets[0]!]!.threshold
  const values = sets.flatMap((set) => {
    const errors = errorsOf(outcomes, set)
    const label = `${NAMES[set]}: mean ${report.nme[set]!.mean.toFixed(2)}, AUC ${areaUnderCurve(errors, threshold).toFixed(2)}`
    const curve = cumulativeCurve(errors).filter(({ error }) => error <= threshold)
    // To the border: the curve does not end with its last step.
    return [...curve, { error: threshold, share: curve.at(-1)!.share }].map((point) => ({ ...point, label }))
  })
  const { dataset, found, conditions } = report
  return renderSvg({
    title: { text: `${dataset}: share of faces by error`, subtitle: `${found} faces, ${conditions['regressor']}` },
    width: 460,
    height: 300,
    data: { values },
    mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
    encoding: {
      x: { field: 'error', type: 'quantitative', title: 'NME in percent', scale: { domain: [0, threshold] } },
      y: {
        field: 'share',
        type: 'quantitative',
        title: 'share of faces',
        scale: { domain: [0, 1] },
        axis: { format: '.0%' },
      },
      color: { field: 'label', type: 'nominal', title: null, sort: null, legend: { orient: 'bottom', columns: 1 } },
    },
  })
}
