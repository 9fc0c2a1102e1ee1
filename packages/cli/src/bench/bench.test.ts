import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CliError } from '../errors.ts'
import { benchChart, historyChart } from './bench-chart.ts'
import { commandLine } from './command-line.ts'
import { appendRun, checkHistory, describeHistory, readRuns } from './history.ts'
import { measureInTurns } from './measure.ts'
import { alignArguments } from './processes.ts'
import { type BenchReport, ratiosOf, resultsOf, type StageTimes } from './report.ts'
import { benchMarkdown, describeBench } from './report-text.ts'
import { type Choices, combine, describeSetting, difference } from './setting.ts'

const choices: Choices = {
  backend: ['native', 'wasm'],
  detector: ['faceboxes'],
  runtime: ['onnxruntime-node'],
  threads: [1, 2],
  batch: [4],
}

describe('settings', () => {
  it('are all combinations of the dimensions that matter, and the first value of the others', () => {
    expect(combine(choices, [])).toEqual([
      { backend: 'native', detector: 'faceboxes', runtime: 'onnxruntime-node', threads: 1, batch: 4 },
    ])
    const both = combine(choices, ['backend', 'threads'])
    expect(both.map((setting) => describeSetting(setting, ['backend', 'threads']))).toEqual([
      'native, 1 thread',
      'native, 2 threads',
      'wasm, 1 thread',
      'wasm, 2 threads',
    ])
    expect(difference(both[0]!, both[2]!)).toBe('backend')
    expect(difference(both[0]!, both[3]!)).toBeUndefined()
  })
})

describe('the processes that are measured', () => {
  it('get the options that hold for all', () => {
    const options = {
      picture: '-a.png',
      model: 'open',
      detectSize: 320,
      maxPixels: 2e8,
      from: ['x'],
      cache: 'y',
      runs: 1,
    }
    expect(alignArguments(combine(choices, [])[0]!, options).join(' ')).toBe(
      'align --json --quiet --backend native --detector faceboxes --runtime onnxruntime-node --threads 1 ' +
        '--detect-size 320 --max-pixels 200000000 --model open --from x --cache y -- -a.png',
    )
  })
})

describe('measureInTurns', () => {
  it('runs each once a round, in turns, after warming up, and divides', async () => {
    const log: string[] = []
    const wait = (name: string, milliseconds: number) => () => {
      log.push(name)
      return new Promise((resolve) => setTimeout(resolve, milliseconds))
    }
    const things = [
      { run: wait('a', 2), per: 1 },
      { run: wait('b', 20), per: 2 },
    ]
    const times = await measureInTurns(things, { seconds: 0.01, leastRounds: 4 })
    expect(times.map((each) => each.length)).toEqual([4, 4])
    expect(log.slice(-8).join('')).toBe('abbaabba')
    for (const time of times[1]!) expect(time).toBeGreaterThan(9)
  })
})

const settings = combine(choices, ['backend'])
const stages: StageTimes[] = [
  {
    stage: 'render',
    dependsOn: ['backend'],
    settings,
    times: [
      [1, 2, 10],
      [3, 6, 30],
    ],
  },
  { stage: 'decode image', dependsOn: [], settings: combine(choices, []), times: [[5, 5.5, 6]] },
]
const report: BenchReport = {
  schema: '3ddfa.bench',
  version: 1,
  date: '2026-01-02T03:04:05.000Z',
  command: '3ddfa bench images a.jpg',
  machine: { cpu: 'A | B', cores: 2, memory: 8, system: 'linux', versions: { node: '20' } },
  load: [3, 1],
  conditions: { model: 'mb05' },
  results: stages.flatMap(resultsOf),
  ratios: stages.flatMap(ratiosOf),
  processes: [],
}

it('quotes what a shell would take apart', () => {
  const args = ['bench', 'images', 'a b.jpg', "it's.jpg", '$HOME', '', 'a-b_c/d.jpg', '--threads=1,2', 'ü.jpg']
  expect(commandLine(args)).toBe(
    "3ddfa bench images 'a b.jpg' 'it'\\''s.jpg' '$HOME' '' a-b_c/d.jpg --threads=1,2 'ü.jpg'",
  )
})

describe('the report', () => {
  it('compares round by round: a slow round changes no ratio', () => {
    expect(report.ratios).toHaveLength(1)
    expect(report.ratios[0]).toMatchObject({ stage: 'render', by: 'backend', ratio: { median: 3, q1: 3, q3: 3 } })
  })

  it('is a table, and says when others were at work', () => {
    const text = describeBench(report)
    expect(text).toMatch(/render +native +2\.00/)
    expect(text).toMatch(/render +native +wasm +3\.00x/)
    expect(text).toContain('others were at work')
  })

  it('is Markdown', () => {
    expect(benchMarkdown(report)).toContain('| render | native | 2.00 | 9.20 | 1.50 to 6.00 | 3 |')
  })

  it('is a chart', async () => {
    const svg = await benchChart(report)
    expect(svg).toMatch(/^<svg/)
    for (const word of ['render', 'decode image', 'native', 'wasm', 'milliseconds']) expect(svg).toContain(word)
  })
})

describe('history', () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-bench-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('gathers runs and tells the change of the last one', async () => {
    const path = join(folder, 'runs.jsonl')
    const slower = {
      ...stages[0]!,
      times: [
        [3, 3, 3],
        [6, 6, 6],
      ],
    }
    appendRun(path, report)
    appendRun(path, { ...report, results: [slower].flatMap(resultsOf) })
    const runs = readRuns(path)
    expect(runs[0]).toEqual(report)
    expect(describeHistory(runs, 'table')).toMatch(/render: native +2\.000 +3\.000 +\+50 %/)
    expect(describeHistory(runs, 'md')).toContain('| decode image | 5.500 |  |  |')
    expect(await historyChart(runs)).toContain('Medians of 2 runs')
  })

  it('adds a run to a file of runs, an empty one and a new one only', () => {
    const path = join(folder, 'save.jsonl')
    expect(() => checkHistory(path)).not.toThrow()
    writeFileSync(join(folder, 'no-folder'), '')
    expect(() => checkHistory(join(folder, 'no-folder/save.jsonl'))).toThrow(CliError)
    const deep = join(folder, 'new/save.jsonl')
    checkHistory(deep)
    appendRun(deep, report)
    expect(readRuns(deep)).toEqual([report])
    writeFileSync(path, '')
    expect(() => checkHistory(path)).not.toThrow()
    appendRun(path, report)
    expect(() => checkHistory(path)).not.toThrow()
    writeFileSync(path, Buffer.from('ffd8ffe000104a464946', 'hex'))
    expect(() => checkHistory(path)).toThrow(
      /save\.jsonl, line 1 is no run of 3ddfa bench; --save adds to such runs only/,
    )
    expect(() => checkHistory(folder)).toThrow(/is not a file/)
  })

  it('adds a run on a line of its own where the last line feed is missing', () => {
    const path = join(folder, 'edited.jsonl')
    writeFileSync(path, JSON.stringify(report))
    appendRun(path, report)
    appendRun(path, report)
    expect(readRuns(path)).toHaveLength(3)
    expect(readFileSync(path, 'utf8')).not.toContain('\n\n')
  })

  it('refuses what is no run', () => {
    const path = join(folder, 'other.jsonl')
    expect(() => readRuns(path)).toThrow(/cannot be read/)
    writeFileSync(path, '{"schema":"other"}\n')
    expect(() => readRuns(path)).toThrow(/line 1 is no run/)
    for (const results of [[null], [{}], [{ ...report.results[0], milliseconds: {} }]]) {
      writeFileSync(path, JSON.stringify({ ...report, results }))
      expect(() => readRuns(path)).toThrow(/line 1 is no run/)
    }
    const { machine, conditions, load, ...incomplete } = report
    for (const run of [
      incomplete,
      { ...report, machine: { ...machine, versions: null } },
      { ...report, conditions: { model: { toString: 1 } } },
      { ...report, results: [{ ...report.results[0], setting: { backend: { toString: 1 } } }] },
      { ...report, load: 1 },
    ]) {
      writeFileSync(path, JSON.stringify(run))
      expect(() => readRuns(path)).toThrow(/line 1 is no run/)
    }
    writeFileSync(path, '\n')
    expect(() => readRuns(path)).toThrow(/holds no run/)
  })

  it('shows nothing that a terminal takes as an order', async () => {
    const path = join(folder, 'orders.jsonl')
    const stage = '\x1b[2Jre\nnder\x9b'
    const date = '2026-\x1b[31m-03'
    const results = report.results.map((result) => ({ ...result, stage, dependsOn: ['\x1b[0m'] }))
    writeFileSync(
      path,
      JSON.stringify({ ...report, date, results, machine: { ...report.machine, versions: { 'a\x07': '\x1b' } } }),
    )
    const runs = readRuns(path)
    for (const text of [describeHistory(runs, 'table'), describeHistory(runs, 'md'), await historyChart(runs)])
      expect(text).not.toMatch(/(?!\n)\p{Cc}/u)
    expect(describeHistory(runs, 'table').split('\n')).toHaveLength(3)
  })
})
