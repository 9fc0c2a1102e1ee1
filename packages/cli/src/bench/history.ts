import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { printable } from '../console.ts'
import { CliError, EXIT, messageOf, systemReason } from '../errors.ts'
import { checkFile, prepareOutput, statOrMissingSync } from '../files.ts'
import { type Cell, markdownTable, textTable } from '../text-table.ts'
import type { BenchReport, StageResult } from './report.ts'
import { describeConditions } from './report-text.ts'
import { describeSetting } from './setting.ts'

/** Whether a run can be added there: to a file of runs, or to none yet. @throws {CliError} that says why not. */
export function checkHistory(path: string): void {
  const file = statOrMissingSync(path)
  if (!file) {
    prepareOutput(path, [])
    return
  }
  checkFile(path, file)
  if (file.size === 0) return
  try {
    readRuns(path)
  } catch (error) {
    throw new CliError(`${messageOf(error).replace(/\.$/, '')}; --save adds to such runs only.`, EXIT.usage)
  }
}

/** Adds a run to a file of one run a line, which is created if missing. */
export function appendRun(path: string, report: BenchReport): void {
  try {
    const file = openSync(path, 'a+')
    const before = readFileSync(file)
    try {
      // An editor may have taken the last line feed away.
      const feed = before.length > 0 && before.at(-1) !== 10 ? '\n' : ''
      writeFileSync(file, `${feed}${JSON.stringify(report)}\n`)
    } catch (error) {
      ftruncateSync(file, before.length)
      throw error
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new CliError(`${path} cannot be written: ${systemReason(error)}.`)
  }
}

/** Runs of such a file, in order. @throws {CliError} that names the line that is none. */
export function readRuns(path: string): BenchReport[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${systemReason(error)}.`, EXIT.usage)
  }
  const runs = text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [parseRun(line, `${path}, line ${i + 1}`)]))
  if (runs.length === 0) throw new CliError(`${path} holds no run.`, EXIT.usage)
  return runs
}

function parseRun(line: string, where: string): BenchReport {
  try {
    // Its texts come to a terminal.
    const run: BenchReport = JSON.parse(line, (_, value) => (typeof value === 'string' ? printable(value) : value))
    const isDated = run.schema === '3ddfa.bench' && run.version === 1 && typeof run.date === 'string'
    if (isDated && run.results.every(isResult)) {
      // What cannot be described is no run either, one without its machine for example.
      describeHistory([run], 'table')
      describeConditions(run)
      return run
    }
  } catch {
    // Said below.
  }
  throw new CliError(`${where} is no run of 3ddfa bench.`, EXIT.usage)
}

function isResult({ stage, setting, dependsOn, milliseconds }: StageResult): boolean {
  const isNamed = typeof stage === 'string' && typeof setting === 'object' && setting !== null
  return isNamed && Array.isArray(dependsOn) && typeof milliseconds.median === 'number'
}

/** Medians in milliseconds from run to run, and how much longer or shorter the last one takes than the one before. */
export function describeHistory(runs: readonly BenchReport[], format: 'table' | 'md'): string {
  const shown = runs.slice(-6)
  const rows = new Map<string, (number | undefined)[]>()
  shown.forEach(({ results }, run) => {
    for (const { stage, setting, dependsOn, milliseconds } of results) {
      const name = [stage, describeSetting(setting, dependsOn)].filter(Boolean).join(': ')
      if (!rows.has(name)) rows.set(name, Array(shown.length).fill(undefined))
      rows.get(name)![run] = milliseconds.median
    }
  })
  const head = ['median, ms', ...shown.map(({ date }) => date.slice(0, 16).replace('T', ' ')), 'change']
  const cells = [...rows].map(([name, medians]): Cell[] => [
    name,
    ...medians.map((m) => m?.toFixed(3)),
    changeOf(medians),
  ])
  return `${format === 'md' ? markdownTable(head, cells) : textTable(head, cells)}\n`
}

function changeOf(medians: readonly (number | undefined)[]): string {
  const [before, last] = medians.slice(-2)
  if (before === undefined || last === undefined) return ''
  const percent = 100 * (last / before - 1)
  return `${percent > 0 ? '+' : ''}${percent.toFixed(0)} %`
}
