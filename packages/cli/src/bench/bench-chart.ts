import { renderSvg } from '../charts/chart.ts'
import { printable } from '../console.ts'
import type { BenchReport } from './report.ts'
import { describeConditions } from './report-text.ts'
import { DIMENSIONS, describeSetting } from './setting.ts'

/** Medians and quartiles of all stages as SVG: a row a stage, in it a line a setting. */
export function benchChart(report: BenchReport): Promise<string> {
  const { results } = report
  const varied = DIMENSIONS.filter((d) => new Set(results.map(({ setting }) => setting[d])).size > 1)
  const values = results.map(({ stage, setting, dependsOn, milliseconds: { median, q1, q3 } }) => {
    const matters = dependsOn.filter((d) => varied.includes(d))
    const backend = matters.includes('backend') ? setting.backend : 'any'
    return { stage, setting: describeSetting(setting, matters), backend, median, q1, q3 }
  })
  const time = {
    type: 'quantitative' as const,
    scale: { type: 'log' as const, nice: false },
    axis: { tickCount: 5 },
    title: 'milliseconds (median, quartiles)',
  }
  return renderSvg({
    title: {
      text: 'Milliseconds by stage',
      subtitle: describeConditions(report).flatMap((line) => wrapped(line, 95)),
    },
    data: { values },
    facet: {
      row: {
        field: 'stage',
        type: 'nominal',
        sort: [...new Set(values.map(({ stage }) => stage))],
        title: null,
        header: { labelAngle: 0, labelAlign: 'left', labelAnchor: 'middle', labelLimit: 260 },
      },
    },
    spacing: 3,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: 480,
      height: { step: 13 },
      encoding: {
        y: {
          field: 'setting',
          type: 'nominal',
          sort: null,
          title: null,
          axis: { grid: false, ticks: false, domain: false, labelLimit: 300 },
        },
        color: {
          field: 'backend',
          type: 'nominal',
          scale: {
            domain: ['native', 'wasm', 'reference', 'any'],
            range: ['#0072b2', '#d55e00', '#009e73', '#777777'],
          },
          title: 'mesh backend',
          legend: { orient: 'bottom' },
        },
      },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 2.5, opacity: 0.6 },
          encoding: { x: { ...time, field: 'q1' }, x2: { field: 'q3' } },
        },
        { mark: { type: 'point', filled: true, size: 36, opacity: 1 }, encoding: { x: { ...time, field: 'median' } } },
      ],
    },
    config: { view: { stroke: '#dddddd' } },
  })
}

function wrapped(line: string, width: number): string[] {
  const lines = ['']
  for (const word of line.split(' ')) {
    if (lines.at(-1)!.length + word.length > width) lines.push('')
    lines.push([lines.pop()!, word].filter(Boolean).join(' '))
  }
  return lines
}

/** Medians of the stages from run to run as SVG, a small chart a stage. */
export function historyChart(runs: readonly BenchReport[]): Promise<string> {
  const values = runs.flatMap(({ date, results }, run) =>
    results.map(({ stage, setting, dependsOn, milliseconds }) => ({
      run: `${run + 1}: ${date.slice(5, 16).replace('T', ' ')}`,
      stage,
      setting: describeSetting(setting, dependsOn) || 'any setting',
      median: milliseconds.median,
    })),
  )
  return renderSvg({
    title: {
      text: `Medians of ${runs.length} runs`,
      subtitle: wrapped(printable(describeConditions(runs.at(-1)!)[1]!), 95),
    },
    data: { values },
    facet: { field: 'stage', type: 'nominal', sort: [...new Set(values.map(({ stage }) => stage))], title: null },
    columns: 2,
    // Of each stage its own settings: in one legend for all, colours would have to come again.
    resolve: { scale: { x: 'independent', y: 'independent', color: 'independent' } },
    spec: {
      width: 200,
      height: 110,
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'run', type: 'ordinal', sort: null, title: null, axis: { labelAngle: -20, labelLimit: 0 } },
        y: { field: 'median', type: 'quantitative', title: 'ms' },
        color: {
          field: 'setting',
          type: 'nominal',
          title: null,
          scale: { scheme: 'tableau20' },
          legend: { orient: 'right', rowPadding: 0, labelFontSize: 8, symbolSize: 40, labelLimit: 0 },
        },
      },
    },
  })
}
