import { renderSvg } from '../charts/chart.ts'
import type { BenchReport } from './report.ts'
import { describeConditions } from './report-text.ts'
import { DIMENSIONS, describeSetting } from './setting.ts'

/** Medians and quartiles of all stages as SVG, a row a stage, settings below each other in it. */
export function benchChart(report: BenchReport): Promise<string> {
  const { results } = report
  const varied = DIMENSIONS.filter((d) => new Set(results.map(({ setting }) => setting[d])).size > 1)
  const values = results.map(({ stage, setting, dependsOn, milliseconds: { median, q1, q3 } }) => {
    const label = describeSetting(
      setting,
      dependsOn.filter((d) => varied.includes(d)),
    )
    return { stage, setting: label || 'any setting', median, q1, q3 }
  })
  const settings = [...new Set(values.map(({ setting }) => setting))]
  const time = {
    type: 'quantitative' as const,
    scale: { type: 'log' as const },
    title: 'milliseconds (median, quartiles)',
  }
  const [what, machine] = describeConditions(report)
  return renderSvg({
    title: { text: what!, subtitle: machine! },
    width: 520,
    height: { step: Math.max(7, Math.min(16, 60 / settings.length)) },
    data: { values },
    encoding: {
      y: { field: 'stage', type: 'nominal', sort: null, title: null },
      yOffset: { field: 'setting', type: 'nominal', sort: settings },
      color: {
        field: 'setting',
        type: 'nominal',
        sort: settings,
        title: null,
        legend: { orient: 'bottom', columns: 3 },
      },
    },
    layer: [
      { mark: { type: 'rule', strokeWidth: 2 }, encoding: { x: { ...time, field: 'q1' }, x2: { field: 'q3' } } },
      { mark: { type: 'point', filled: true, size: 40 }, encoding: { x: { ...time, field: 'median' } } },
    ],
    config: { axisY: { grid: true, tickBand: 'extent' } },
  })
}

/** Medians of the stages from run to run as SVG, a small chart a stage. */
export function historyChart(runs: readonly BenchReport[]): Promise<string> {
  const values = runs.flatMap(({ date, results }, run) =>
    results.map(({ stage, setting, dependsOn, milliseconds }) => ({
      run: `${run + 1}: ${date.slice(0, 16).replace('T', ' ')}`,
      stage,
      setting: describeSetting(setting, dependsOn) || 'any setting',
      median: milliseconds.median,
    })),
  )
  return renderSvg({
    title: { text: `Medians of ${runs.length} runs`, subtitle: describeConditions(runs.at(-1)!)[1]! },
    data: { values },
    facet: { field: 'stage', type: 'nominal', sort: null, title: null },
    columns: 3,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: 200,
      height: 110,
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'run', type: 'ordinal', sort: null, title: null, axis: { labelAngle: -30, labelLimit: 110 } },
        y: { field: 'median', type: 'quantitative', title: 'ms' },
        color: { field: 'setting', type: 'nominal', title: null, legend: { orient: 'bottom', columns: 3 } },
      },
    },
  })
}
