import { type Cell, markdownTable, textTable } from '../text-table.ts'
import type { BenchReport, Ratio, StageResult } from './report.ts'
import { DIMENSIONS, describeSetting, describeValue, ENGINE } from './setting.ts'

type Table = { readonly title: string; readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[] }

/** The report for a terminal. */
export function describeBench(report: BenchReport): string {
  const tables = tablesOf(report).map(({ title, head, rows }) => `${title}\n${textTable(head, rows)}`)
  return `${[describeConditions(report).join('\n'), ...tables].join('\n\n')}\n`
}

/** The report in Markdown. */
export function benchMarkdown(report: BenchReport): string {
  const tables = tablesOf(report).map(({ title, head, rows }) => `**${title}**\n\n${markdownTable(head, rows)}`)
  return `${[describeConditions(report).join('  \n'), ...tables].join('\n\n')}\n`
}

/** Exact conditions, a line each. */
export function describeConditions({ date, command, machine, load, conditions }: BenchReport): string[] {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  const overloaded = Math.max(...load) > machine.cores ? '; others were at work, trust ratios more than times' : ''
  return [
    `${command}; ${date.slice(0, 10)}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory} GiB, ${machine.system}; ${versions.join(', ')}`,
    `Load ${load[0]} before, ${load[1]} after${overloaded}`,
    Object.entries(conditions)
      .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join('; ') : value}`)
      .join(', '),
  ]
}

function tablesOf({ results, ratios, processes }: BenchReport): Table[] {
  const tables = results.length > 0 ? [timeTable(results)] : []
  if (ratios.length > 0) tables.push(ratioTable(ratios))
  if (processes.length > 0)
    tables.push({
      title: 'New processes (3ddfa align PICTURE --json), and one that goes on and on; ms and MiB',
      head: ['setting', 'start', 'q1 to q3', 'peak', 'going on: warm', 'end', 'growth', 'peak'],
      rows: processes.map(({ setting, coldStart, peak, memory }) => [
        describeSetting(setting, ENGINE),
        ...[
          coldStart.median.toFixed(0),
          `${coldStart.q1.toFixed(0)} to ${coldStart.q3.toFixed(0)}`,
          peak.median.toFixed(0),
        ],
        ...[memory.warm, memory.end, memory.end - memory.warm, memory.peak].map((mebibytes) => mebibytes.toFixed(0)),
      ]),
    })
  return tables
}

function timeTable(results: readonly StageResult[]): Table {
  const varied = DIMENSIONS.filter((d) => new Set(results.map(({ setting }) => setting[d])).size > 1)
  return {
    title: 'Milliseconds',
    head: ['stage', 'setting', 'median', 'p95', 'q1 to q3', 'rounds'],
    rows: results.map(({ stage, setting, dependsOn, milliseconds: ms }) => [
      ...[
        stage,
        describeSetting(
          setting,
          dependsOn.filter((d) => varied.includes(d)),
        ),
      ],
      ...[precise(ms.median), precise(ms.p95), `${precise(ms.q1)} to ${precise(ms.q3)}`, String(ms.count)],
    ]),
  }
}

/** Only the dimension that differs, and what else would tell rows apart. */
function ratioTable(ratios: readonly Ratio[]): Table {
  return {
    title: 'Ratios, pair by pair: how many times as long the second takes',
    head: ['stage', 'first', 'second', 'ratio', 'q1 to q3', 'p95'],
    rows: ratios.map(({ stage, by, a, b, ratio, dependsOn }) => {
      const rest = dependsOn.filter(
        (d) => d !== by && ratios.some((other) => other.stage === stage && other.a[d] !== a[d]),
      )
      const common = rest.length > 0 ? ` (${describeSetting(a, rest)})` : ''
      return [
        ...[`${stage}${common}`, describeValue(a, by), describeValue(b, by)],
        ...[`${precise(ratio.median)}x`, `${precise(ratio.q1)} to ${precise(ratio.q3)}`, precise(ratio.p95)],
      ]
    }),
  }
}

/** Three digits, as far as they are behind the point. */
function precise(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3)
}
